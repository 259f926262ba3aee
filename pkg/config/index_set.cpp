#include "pkg/config/index_set.h"

#include <algorithm>

#include "pkg/base/strings.h"

namespace sluice {
namespace {

constexpr int kMostIndex = 65534;  // sriov_numvfs is a u16 (drivers/pci/iov.c).

Error invalid(std::string message) {
  return Error(Code::invalid_argument, std::move(message));
}

}  // namespace

Result<IndexSet::Range> IndexSet::parse_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto first = parse_int<int>(trim(text.substr(0, dash)));
  const auto last =
      dash == std::string_view::npos ? first : parse_int<int>(trim(text.substr(dash + 1)));
  if (!first || !last || *first < 0) {
    return invalid(fmt::format("want VF indices like \"0-3,7\", got {}", in_quotes(text)));
  }
  if (*last < *first) return invalid(fmt::format("range {} runs backwards", in_quotes(text)));
  if (*last > kMostIndex) {
    return invalid(fmt::format("no VF has the index {}, the last one is {}", *last, kMostIndex));
  }
  return Range{*first, *last};
}

Result<IndexSet> IndexSet::parse(std::string_view text) {
  IndexSet set;
  for (const std::string_view part : split(text, ',')) {
    set.ranges_.push_back(TRY(parse_range(part)));
  }
  std::sort(set.ranges_.begin(), set.ranges_.end(),
            [](const Range& a, const Range& b) { return a.first < b.first; });
  for (std::size_t i = 1; i < set.ranges_.size(); ++i) {
    if (set.ranges_[i].first > set.ranges_[i - 1].last) continue;
    return invalid(fmt::format("VF {} is in {} twice", set.ranges_[i].first, in_quotes(text)));
  }
  return set;
}

bool IndexSet::contains(int index) const {
  return std::any_of(ranges_.begin(), ranges_.end(), [index](const Range& range) {
    return index >= range.first && index <= range.last;
  });
}

std::optional<int> IndexSet::common(const IndexSet& other) const {
  for (const Range& mine : ranges_) {
    for (const Range& theirs : other.ranges_) {
      const int first = std::max(mine.first, theirs.first);
      if (first <= std::min(mine.last, theirs.last)) return first;
    }
  }
  return std::nullopt;
}

int IndexSet::size() const {
  int size = 0;
  for (const Range& range : ranges_) size += range.last - range.first + 1;
  return size;
}

std::string IndexSet::to_string() const {
  std::string text;
  for (const Range& range : ranges_) {
    if (!text.empty()) text += ',';
    text += std::to_string(range.first);
    if (range.last != range.first) text += "-" + std::to_string(range.last);
  }
  return text;
}

}  // namespace sluice
