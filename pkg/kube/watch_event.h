#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "pkg/base/result.h"

namespace sluice {

/// What one line of an answer to a watch says (apimachinery/pkg/apis/meta/v1/watch.go).
struct WatchEvent {
  enum class Kind { changed, removed, bookmark };

  Kind kind = Kind::changed;
  std::string version;  ///< The object's resourceVersion: where to go on from.
};

/// Reads a line and leaves its object in `object`. An ERROR event gives its Status as an Error (see
/// to_error()); a line that is no event at all gives invalid_argument.
Result<WatchEvent> parse_watch_event(std::string_view line, nlohmann::json& object);

/// Cuts a body that comes in pieces into lines. What follows the last line end is not a line: a
/// stream may be cut anywhere.
class LineSplitter {
 public:
  explicit LineSplitter(std::size_t limit) : limit_(limit) {}

  /// Calls `take` with each line that `piece` completes; false as soon as `take` says so. exhausted
  /// when a line grows longer than the limit.
  Result<bool> add(std::string_view piece, const std::function<bool(std::string_view)>& take);

 private:
  const std::size_t limit_;
  std::string begun_;
};

}  // namespace sluice
