#include "pkg/json/skim.h"

#include <cstddef>

#include <nlohmann/json.hpp>

#include "pkg/json/cursor.h"
#include "pkg/json/document.h"

namespace sluice {
namespace {

using skim::Cursor;
using skim::kDeepest;

Error not_json(const Cursor& cursor) {
  return Error(Code::invalid_argument,
               fmt::format("not JSON, or nested deeper than {} levels, at byte {}", kDeepest,
                           cursor.position()));
}

Error unlike(std::string_view text, std::string_view wanted) {
  constexpr std::size_t kShown = 40;
  return Error(Code::invalid_argument,
               fmt::format("want {}, got {}", wanted, text.substr(0, kShown)));
}

/// The parts between `open` and `close`, each read by `part`.
template <typename Part>
Result<> each_part(Cursor& cursor, char close, Part part) {
  cursor.blanks();
  bool is_over = cursor.take(close);
  while (!is_over) {
    TRY(part());
    cursor.blanks();
    is_over = cursor.take(close);
    if (!is_over && !cursor.take(',')) return not_json(cursor);
  }
  return {};
}

Result<> end(Cursor& cursor) {
  cursor.blanks();
  if (!cursor.is_at_end()) return not_json(cursor);
  return {};
}

Result<std::string_view> next_value(Cursor& cursor) {
  cursor.blanks();
  const std::size_t start = cursor.position();
  if (!cursor.value()) return not_json(cursor);
  return cursor.since(start);
}

/// An item that is to be a string.
Result<> next_text(Cursor& cursor, std::string& storage, const TakeText& take) {
  cursor.blanks();
  const std::size_t start = cursor.position();
  bool is_literal = true;
  if (!cursor.string(is_literal)) {
    TRY(next_value(cursor));
    return unlike(cursor.since(start), "a string");
  }
  const std::string_view value = cursor.since(start);
  if (is_literal) return take(value.substr(1, value.size() - 2), true);
  const std::string_view unescaped = TRY(text_of(value, storage));
  return take(unescaped, false);
}

}  // namespace

bool Unread::is_null() const {
  return cursor_.peek() == 'n';  // No other value begins so.
}

Result<std::string_view> Unread::text() {
  is_read_ = true;
  return next_value(cursor_);
}

Result<> Unread::each_text(const TakeText& take) {
  is_read_ = true;
  const std::size_t start = cursor_.position();
  if (!cursor_.take('[')) {
    TRY(next_value(cursor_));
    return unlike(cursor_.since(start), "an array");
  }
  std::string storage;
  return each_part(cursor_, ']', [&] { return next_text(cursor_, storage, take); });
}

Result<> each_member(std::string_view text, const TakeMember& take) {
  Cursor cursor(text);
  cursor.blanks();
  if (!cursor.take('{')) return unlike(text, "an object");
  std::string storage;
  Result<> done = each_part(cursor, '}', [&]() -> Result<> {
    cursor.blanks();
    const std::size_t start = cursor.position();
    if (!cursor.string()) return not_json(cursor);
    const std::string_view key = TRY(text_of(cursor.since(start), storage));
    cursor.blanks();
    if (!cursor.take(':')) return not_json(cursor);
    cursor.blanks();
    Unread value(cursor);
    TRY(take(key, value));
    if (!value.is_read()) TRY(value.text());
    return {};
  });
  return done ? end(cursor) : done;
}

Result<> each_item(std::string_view text, const TakeItem& take) {
  Cursor cursor(text);
  cursor.blanks();
  if (!cursor.take('[')) return unlike(text, "an array");
  Result<> done = each_part(cursor, ']', [&]() -> Result<> {
    const std::string_view value = TRY(next_value(cursor));
    return take(value);
  });
  return done ? end(cursor) : done;
}

Result<std::string_view> text_of(std::string_view text, std::string& storage) {
  Cursor cursor(text);
  bool is_literal = true;
  if (!cursor.string(is_literal) || !cursor.is_at_end()) return unlike(text, "a string");
  if (is_literal) return text.substr(1, text.size() - 2);
  const nlohmann::json value = parse_document(text);  // Knows surrogates and UTF-8.
  if (!value.is_string()) return unlike(text, "a string");
  storage = value.get<std::string>();
  return std::string_view(storage);
}

}  // namespace sluice
