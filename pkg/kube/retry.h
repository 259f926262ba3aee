#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "pkg/base/backoff.h"
#include "pkg/base/result.h"
#include "pkg/http/client.h"

namespace sluice {

/// Waits, at most until the stop.
using Pause = std::function<void(std::chrono::milliseconds wait, const std::stop_token& stop)>;

/// The Pause of production.
void pause_for(std::chrono::milliseconds wait, const std::stop_token& stop);

/// Whether a request that may have been carried out can be sent again without harm.
enum class Repeatable { no, yes };

/// How long to wait before the same request is sent again, after `answer`; nullopt when that would
/// not help or could do it twice. Overload (429) and what the server asks for with Retry-After
/// concern requests that were not carried out, so these are repeated whatever they are.
std::optional<std::chrono::milliseconds> retry_delay(const Result<HttpAnswer>& answer,
                                                     Repeatable repeatable, SpreadBackoff& backoff);

}  // namespace sluice
