#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "pkg/base/result.h"

namespace sluice {

// Finds parts of a JSON text without building a value of it: for large texts of which little
// matters. Ten thousand names take a tenth of the time of parse_document(). What is found is given
// as text, for parse_document() or for more of the same.
//
// All of it is checked to be JSON, and no part to be nested deeper than 64 levels, which is the
// bound of parse_document(); invalid_argument with the position otherwise. Parts that are
// given as text may have strings that are no UTF-8 and numbers of any size; keys and strings that
// are given unescaped are UTF-8. A key that comes twice is given twice.

namespace skim {
class Cursor;
}

/// Called with a string, unescaped. `is_inside`: it is a part of the text and ASCII, else it ends
/// with the call. An error ends the pass, as that of all that is called here.
using TakeText = std::function<Result<>(std::string_view text, bool is_inside)>;

/// A value that a pass has come to. It is read here at most once, and passed over otherwise.
class Unread final {
 public:
  explicit Unread(skim::Cursor& cursor) : cursor_(cursor) {}

  Unread(const Unread&) = delete;
  Unread& operator=(const Unread&) = delete;
  Unread(Unread&&) = delete;
  Unread& operator=(Unread&&) = delete;
  ~Unread() = default;

  /// Whether it is null.
  bool is_null() const;

  /// As text.
  Result<std::string_view> text();

  /// Items of the array of strings that it is; invalid_argument for another value or item.
  Result<> each_text(const TakeText& take);

  bool is_read() const { return is_read_; }

 private:
  skim::Cursor& cursor_;
  bool is_read_ = false;
};

/// Called with a part of the text.
using TakeItem = std::function<Result<>(std::string_view value)>;
using TakeMember = std::function<Result<>(std::string_view key, Unread& value)>;

/// Members of the object that `text` is; keys are unescaped.
Result<> each_member(std::string_view text, const TakeMember& take);

/// Items of the array that `text` is.
Result<> each_item(std::string_view text, const TakeItem& take);

/// The string that `text` is, unescaped; invalid_argument for another value, or no UTF-8. Refers to
/// `text` where it can, else to `storage`.
Result<std::string_view> text_of(std::string_view text, std::string& storage);

}  // namespace sluice
