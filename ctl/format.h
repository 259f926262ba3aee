#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "pkg/base/bit_rate.h"

namespace sluice {

// How the verbs show what may be unknown or absent: "-" in tables for people, null in JSON for
// programs. A rate of zero is one that is unknown, or a limit that there is none of.

std::string or_dash(const std::string& text);
std::string or_dash(BitRate rate);

nlohmann::ordered_json or_null(const std::string& text);
/// In bit/s.
nlohmann::ordered_json or_null(BitRate rate);

/// "not read: …", a line a problem.
std::string problem_lines(const std::vector<std::string>& problems);

/// The document as text, over several lines.
std::string to_text(const nlohmann::ordered_json& document);

/// The same in one line.
std::string to_line(const nlohmann::ordered_json& document);

}  // namespace sluice
