#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/base/result.h"

namespace sluice {

/// Indices of VFs as people write them: "0-3,7".
class IndexSet {
 public:
  IndexSet() = default;

  /// invalid_argument for anything but numbers and ranges between commas, for a range that runs
  /// backwards, for an index twice and for one that no VF can have.
  static Result<IndexSet> parse(std::string_view text);

  bool contains(int index) const;

  /// The lowest index that both have.
  std::optional<int> common(const IndexSet& other) const;

  /// The highest index; -1 when empty.
  int last() const { return ranges_.empty() ? -1 : ranges_.back().last; }

  int size() const;

  /// Ranges in ascending order: "0-3,7".
  std::string to_string() const;

  friend bool operator==(const IndexSet&, const IndexSet&) = default;

 private:
  struct Range {
    int first = 0;
    int last = 0;

    friend bool operator==(const Range&, const Range&) = default;
  };

  static Result<Range> parse_range(std::string_view text);

  std::vector<Range> ranges_;  // Ascending, apart from each other.
};

}  // namespace sluice
