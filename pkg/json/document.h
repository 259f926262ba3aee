#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "pkg/json/problems.h"

namespace sluice {

/// `text` as JSON, the one parser of what others wrote. What is no JSON is a problem with its line
/// and column, and the answer is null; so it is for values nested deeper than 64 levels: what
/// reads, copies or shows a value may call itself for each. A key that its object has twice is a
/// problem, because only the last of the two counts.
nlohmann::json parse_document(std::string_view text, Problems& problems);

/// The same for a reader to whom null says enough.
nlohmann::json parse_document(std::string_view text);

/// A key as a JSON pointer (RFC 6901) has it.
std::string escaped(std::string_view key);

}  // namespace sluice
