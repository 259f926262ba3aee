#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// The names that were asked for last, in order, and what each led to. kube-scheduler names nodes
/// in an order that changes seldom: a name that stands where it stood is found by a look at text
/// that lies in one piece, where a hash table's elements lie all over the memory. Not thread-safe.
template <typename Found>
class LastOrder final {
 public:
  /// What the name led to, if it stood at this place; else nullptr.
  Found* at(std::size_t place, std::string_view name) const {
    if (place >= entries_.size()) return nullptr;
    const Entry& entry = entries_[place];
    const std::string_view known(text_.data() + entry.start, entry.size);
    return known == name ? entry.found : nullptr;
  }

  /// `found` has what each of the names led to; nullptr: nothing.
  void set(std::span<const std::string_view> names, std::span<Found* const> found) {
    clear();
    for (std::size_t place = 0; place < names.size(); ++place) {
      entries_.push_back(
          {.start = text_.size(), .size = names[place].size(), .found = found[place]});
      text_ += names[place];
    }
  }

  /// What something led to is gone.
  void clear() {
    entries_.clear();
    text_.clear();
  }

 private:
  struct Entry {
    std::size_t start = 0;  // In text_.
    std::size_t size = 0;
    Found* found = nullptr;
  };

  std::vector<Entry> entries_;
  std::string text_;  // All names, one behind the other.
};

}  // namespace sluice
