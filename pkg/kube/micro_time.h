#pragma once

#include <chrono>
#include <string>

namespace sluice {

/// "2026-01-31T12:00:00.123456Z" (MicroTime of apimachinery/pkg/apis/meta/v1).
std::string micro_time(std::chrono::system_clock::time_point time);

}  // namespace sluice
