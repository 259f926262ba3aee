#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice {

/// One thing that is wrong in a document.
struct Problem {
  std::string at;    ///< JSON pointer (RFC 6901): "/ports/0/vfs".
  std::string what;  ///< "want a number of VFs, …"

  friend bool operator==(const Problem&, const Problem&) = default;
};

/// Everything that is wrong in a document, found in one pass.
class Problems {
 public:
  void add(std::string at, std::string what) { all_.push_back({std::move(at), std::move(what)}); }

  bool empty() const { return all_.empty(); }

  const std::vector<Problem>& all() const { return all_; }

 private:
  std::vector<Problem> all_;
};

/// "/ports/0/vfs: want …".
std::string to_string(const Problem& problem);

/// A line a problem.
std::string to_string(const std::vector<Problem>& problems);

}  // namespace sluice
