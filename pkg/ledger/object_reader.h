#pragma once

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace sluice {

/// Reading an object of a port's file while it is parsed: a table of its members, and which of them
/// have been there.

enum class Kind { text, number, boolean, other };

struct Scalar {
  Kind kind = Kind::other;
  std::string text = {};
  std::uint64_t number = 0;
  bool boolean = false;
};

inline std::string_view wanted(Kind kind) {
  constexpr std::array<std::string_view, 3> kWanted = {"a string", "a whole number", "a boolean"};
  return kWanted[static_cast<std::size_t>(kind)];
}

/// Why a value makes no sense; empty when it does.
using Complaint = std::string;

enum class Presence { always, optional, with_vlan };

/// A member: its place below its lane (or the file), and what becomes of its value.
template <typename Target>
struct Field {
  std::string_view at;
  Kind kind = Kind::text;
  Presence presence = Presence::always;
  Complaint (*put)(Target&, Scalar&) = nullptr;
};

/// One object being read: which of its fields have been there.
template <typename Target, std::size_t N>
class ObjectReader {
 public:
  explicit constexpr ObjectReader(const std::array<Field<Target>, N>& fields) : fields_(fields) {}

  /// `at` is the member's pointer from the object. Unknown members are passed over.
  Complaint take(Target& target, std::string_view at, Scalar& value) {
    for (std::size_t i = 0; i < N; ++i) {
      if (fields_[i].at != at) continue;
      if (fields_[i].kind != value.kind) return fmt::format("want {}", wanted(fields_[i].kind));
      seen_ |= std::uint64_t{1} << i;
      return fields_[i].put(target, value);
    }
    return {};
  }

  /// The first field that should have been there; null when none is missing. Starts over.
  const Field<Target>* missing(bool with_vlan) {
    const std::uint64_t seen = std::exchange(seen_, 0);
    for (std::size_t i = 0; i < N; ++i) {
      const Presence presence = fields_[i].presence;
      const bool needed =
          presence == Presence::always || (presence == Presence::with_vlan && with_vlan);
      if (needed && (seen >> i & 1U) == 0) return &fields_[i];
    }
    return nullptr;
  }

 private:
  static_assert(N <= 64, "seen_ has a bit a field");

  const std::array<Field<Target>, N>& fields_;
  std::uint64_t seen_ = 0;
};

}  // namespace sluice
