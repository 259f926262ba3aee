#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// Letters to add, drop or change to turn `a` into `b` (Levenshtein distance).
std::size_t edits_between(std::string_view a, std::string_view b);

/// Of `known` the word a person most likely meant by `word`: at most two letters away, and not
/// all of its letters. Empty when there is none.
std::string nearest(std::string_view word, const std::vector<std::string_view>& known);

}  // namespace sluice
