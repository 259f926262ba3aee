#pragma once

#include <bit>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

// The inside of pkg/json/skim.h.
namespace sluice::skim {

inline constexpr std::size_t kDeepest = 64;  // As parse_document() has it.
inline constexpr std::uint64_t kOnes = 0x0101'0101'0101'0101;
inline constexpr std::uint64_t kHighBits = kOnes * 0x80;  // Set in bytes beyond ASCII alone.

inline bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

inline bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

inline bool is_plain(char c) {
  return c != '"' && c != '\\' && static_cast<unsigned char>(c) >= 0x20;
}

/// The highest bit of each byte of a word that is not plain, and perhaps of bytes that follow the
/// first such one: a byte below `n` borrows from its highest bit when `n` is subtracted, and where
/// a byte equals another their difference is below 1.
inline std::uint64_t not_plain(std::uint64_t word) {
  const auto any_below = [](std::uint64_t bytes, unsigned n) {
    return (bytes - kOnes * n) & ~bytes & kHighBits;
  };
  return any_below(word, 0x20) | any_below(word ^ (kOnes * '"'), 1) |
         any_below(word ^ (kOnes * '\\'), 1);
}

/// Goes through a text from token to token. Every function leaves the position behind what it
/// read, or answers false.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  std::size_t position() const { return at_; }

  std::string_view since(std::size_t start) const { return text_.substr(start, at_ - start); }

  bool is_at_end() const { return at_ == text_.size(); }

  void blanks() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t')) {
      ++at_;
    }
  }

  bool take(char c) {
    if (peek() != c || is_at_end()) return false;
    ++at_;
    return true;
  }

  bool string() {
    bool is_literal = true;
    return string(is_literal);
  }

  /// `is_literal` becomes false where escapes or bytes beyond ASCII are left for a parser to judge.
  bool string(bool& is_literal) {
    if (!take('"')) return false;
    while (!is_at_end()) {
      if (!plain()) is_literal = false;
      if (take('"')) return true;
      if (!take('\\')) return false;
      is_literal = false;
      if (!escape()) return false;
    }
    return false;
  }

  bool scalar() {
    switch (peek()) {
      case '"': return string();
      case 't': return word("true");
      case 'f': return word("false");
      case 'n': return word("null");
      default: return number();
    }
  }

  /// Any value, whatever is nested in it.
  bool value() {
    Levels levels;
    do {
      if (!step(levels)) return false;
    } while (levels.depth > 0);
    return true;
  }

  /// A key and its colon.
  bool key() {
    blanks();
    if (!string()) return false;
    blanks();
    return take(':');
  }

 private:
  /// The objects and arrays that are open.
  struct Levels {
    std::bitset<kDeepest> objects;
    std::size_t depth = 0;

    bool is_object() const { return objects[depth - 1]; }

    char end() const { return is_object() ? '}' : ']'; }
  };

  /// What a string has before its end, an escape or what it must not have; whether that is ASCII.
  /// Most of a text is that, so it is looked at in words.
  bool plain() {
    std::uint64_t word = 0;
    std::uint64_t all = 0;
    for (; text_.size() - at_ >= sizeof(word); at_ += sizeof(word)) {
      std::memcpy(&word, &text_[at_], sizeof(word));
      const std::uint64_t end = not_plain(word);
      if (end == 0) {
        all |= word;
        continue;
      }
      if constexpr (std::endian::native != std::endian::little) break;
      const auto bits = static_cast<unsigned>(std::countr_zero(end)) - 7;  // Of those before it.
      at_ += bits / 8;
      return ((all | (word & ((std::uint64_t{1} << bits) - 1))) & kHighBits) == 0;
    }
    for (; at_ < text_.size() && is_plain(text_[at_]); ++at_) {
      all |= static_cast<unsigned char>(text_[at_]);
    }
    return (all & kHighBits) == 0;
  }

  bool escape() {
    if (is_at_end()) return false;
    const char c = text_[at_++];
    if (c != 'u') return std::string_view("\"\\/bfnrt").find(c) != std::string_view::npos;
    for (int i = 0; i < 4; ++i) {
      if (is_at_end() || !is_hex(text_[at_++])) return false;
    }
    return true;
  }

  bool word(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  bool digits() {
    const std::size_t start = at_;
    while (is_digit(peek())) ++at_;
    return at_ > start;
  }

  bool number() {
    take('-');
    if (!take('0') && !digits()) return false;
    if (take('.') && !digits()) return false;
    if (!take('e') && !take('E')) return true;
    if (!take('+')) take('-');
    return digits();
  }

  bool open(Levels& levels) {
    if (levels.depth == kDeepest) return false;
    levels.objects.set(levels.depth++, peek() == '{');
    ++at_;
    blanks();
    return true;
  }

  /// A value and what ends with it, or the beginning of one that has others in it.
  bool step(Levels& levels) {
    blanks();
    const bool opens = peek() == '{' || peek() == '[';
    if (!(opens ? open(levels) : scalar())) return false;
    if (opens && peek() != levels.end()) return !levels.is_object() || key();
    return close(levels);
  }

  /// Behind a value: the ends of what ends with it, then a comma and the key that follows.
  bool close(Levels& levels) {
    for (; levels.depth > 0; --levels.depth) {
      blanks();
      if (take(',')) return !levels.is_object() || key();
      if (!take(levels.end())) return false;
    }
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace sluice::skim
