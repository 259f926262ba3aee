#pragma once

#include <string>

namespace sluice {

/// Whether an object of resourceVersion `a` is of a later moment than one of `b`. Versions are
/// numbers that grow (KEP-5504); where they are not, what comes last counts, and `a` does.
bool is_later_version(const std::string& a, const std::string& b);

}  // namespace sluice
