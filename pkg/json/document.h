#pragma once

#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "pkg/json/problems.h"

namespace sluice {

/// `text` as JSON. A key that its object has twice is a problem, because only one of the two would
/// count. What is no JSON is a problem with its line and column, and the answer is null; as it is
/// for a text whose values are nested deeper than 64 levels.
nlohmann::json parse_document(std::string_view text, Problems& problems);

/// A key as a JSON pointer (RFC 6901) has it.
std::string escaped(std::string_view key);

}  // namespace sluice
