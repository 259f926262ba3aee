#include "pkg/base/quantity.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>

#include "pkg/base/strings.h"

namespace sluice {
namespace {

// Kubernetes keeps quantities in an int64 (apimachinery resource.Quantity, int64Amount).
constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
// What std::uint64_t surely holds.
constexpr std::size_t kSignificantDigits = 19;

/// digits x 10^ten x 2^two
struct Scaled {
  std::uint64_t digits = 0;
  std::int64_t ten = 0;
  int two = 0;
};

struct Suffix {
  std::string_view text;
  int ten;
  int two;
};

constexpr std::array<Suffix, 16> kSuffixes = {{{"n", -9, 0},
                                               {"u", -6, 0},
                                               {"m", -3, 0},
                                               {"", 0, 0},
                                               {"k", 3, 0},
                                               {"M", 6, 0},
                                               {"G", 9, 0},
                                               {"T", 12, 0},
                                               {"P", 15, 0},
                                               {"E", 18, 0},
                                               {"Ki", 0, 10},
                                               {"Mi", 0, 20},
                                               {"Gi", 0, 30},
                                               {"Ti", 0, 40},
                                               {"Pi", 0, 50},
                                               {"Ei", 0, 60}}};

constexpr std::array<std::string_view, 7> kDecimalSuffixes = {"", "k", "M", "G", "T", "P", "E"};

Error refuse(std::string_view text, std::string_view reason) {
  return Error(Code::invalid_argument, fmt::format("quantity {}: {}", in_quotes(text), reason));
}

std::string_view take_digits(std::string_view& rest) {
  const std::string_view digits = rest.substr(0, rest.find_first_not_of("0123456789"));
  rest.remove_prefix(digits.size());
  return digits;
}

/// Moves the number at the start of `rest` out of it; nullopt when there is none or it is too long.
std::optional<Scaled> take_number(std::string_view& rest) {
  std::string digits(take_digits(rest));
  Scaled number;
  bool any = !digits.empty();
  if (!rest.empty() && rest.front() == '.') {
    rest.remove_prefix(1);
    const std::string_view fraction = take_digits(rest);
    any = any || !fraction.empty();
    number.ten = -static_cast<std::int64_t>(fraction.size());
    digits.append(fraction);
  }
  if (!any) return std::nullopt;
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  while (!digits.empty() && digits.back() == '0') {
    digits.pop_back();
    ++number.ten;
  }
  if (digits.size() > kSignificantDigits) return std::nullopt;
  for (const char digit : digits) {
    number.digits = number.digits * 10 + static_cast<std::uint64_t>(digit - '0');
  }
  return number;
}

/// Applies the suffix to `number`; false when it is none.
bool apply_suffix(std::string_view suffix, Scaled& number) {
  for (const Suffix& known : kSuffixes) {
    if (known.text != suffix) continue;
    number.ten += known.ten;
    number.two = known.two;
    return true;
  }
  if (suffix.front() != 'e' && suffix.front() != 'E') return false;
  suffix.remove_prefix(1);
  if (suffix.starts_with('+')) {
    suffix.remove_prefix(1);
    if (suffix.starts_with('-')) return false;
  }
  const Result<std::int32_t> exponent = parse_int<std::int32_t>(suffix);
  if (!exponent) return false;
  number.ten += *exponent;
  return true;
}

/// Divides by the tens below the point, taking their twos from 2^two first; false when a fraction
/// would be left.
bool divide_exactly(Scaled& number) {
  for (; number.ten < 0; ++number.ten) {
    if (number.digits % 5 != 0) return false;
    number.digits /= 5;
    if (number.two > 0) {
      --number.two;
    } else if (number.digits % 2 == 0) {
      number.digits /= 2;
    } else {
      return false;
    }
  }
  return true;
}

/// nullopt above kMost.
std::optional<std::uint64_t> multiply(const Scaled& number) {
  std::uint64_t value = number.digits;
  const auto scale = [&value](std::int64_t times, std::uint64_t factor) {
    for (; times > 0; --times) {
      if (value > kMost / factor) return false;
      value *= factor;
    }
    return true;
  };
  if (!scale(number.ten, 10) || !scale(number.two, 2) || value > kMost) return std::nullopt;
  return value;
}

}  // namespace

Result<BitRate> parse_quantity(std::string_view text) {
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);

  std::optional<Scaled> number = take_number(rest);
  if (!number) return refuse(text, "want a number of at most 19 digits, like 25G or 2.5G");
  if (!apply_suffix(rest, *number)) {
    return refuse(text, fmt::format("unknown suffix {}, want one of k M G T P E Ki Mi Gi Ti Pi Ei",
                                    in_quotes(rest)));
  }
  if (number->digits == 0) return BitRate();
  if (negative) return refuse(text, "must not be negative");
  if (!divide_exactly(*number)) return refuse(text, "is not a whole number of bit/s");
  const std::optional<std::uint64_t> bits = multiply(*number);
  if (!bits) return refuse(text, "is above 9223372036854775807 bit/s");
  return BitRate::bits_per_second(*bits);
}

std::string to_quantity(BitRate rate) {
  std::uint64_t value = rate.as_bits_per_second();
  std::size_t suffix = 0;
  while (value != 0 && value % 1000 == 0) {
    value /= 1000;
    ++suffix;
  }
  return fmt::format("{}{}", value, kDecimalSuffixes[suffix]);
}

}  // namespace sluice
