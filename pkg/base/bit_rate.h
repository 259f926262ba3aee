#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace sluice {

/// A data rate. Stored in bit/s, the only unit in which every interface we speak is exact:
/// IFLA_VF_RATE takes Mbit/s (linux/if_link.h), devlink-rate and tc take byte/s.
class BitRate {
 public:
  constexpr BitRate() = default;

  static constexpr BitRate bits_per_second(std::uint64_t v) { return BitRate(v); }

  static constexpr BitRate mbps(std::uint64_t v) { return BitRate(v * 1'000'000); }

  static constexpr BitRate gbps(std::uint64_t v) { return BitRate(v * 1'000'000'000); }

  constexpr std::uint64_t as_bits_per_second() const { return bits_; }

  constexpr std::uint64_t as_mbps_floor() const { return bits_ / 1'000'000; }

  constexpr std::uint64_t as_mbps_ceil() const {
    return bits_ / 1'000'000 + (bits_ % 1'000'000 != 0 ? 1 : 0);
  }

  constexpr std::uint64_t as_bytes_per_second_floor() const { return bits_ / 8; }

  constexpr bool is_zero() const { return bits_ == 0; }

  /// The largest multiple of `step` not above this rate; this rate itself when `step` is zero.
  constexpr BitRate rounded_down(BitRate step) const {
    return step.is_zero() ? *this : BitRate(bits_ - bits_ % step.bits_);
  }

  /// The smallest multiple of `step` not below this rate; this rate itself when `step` is zero.
  constexpr BitRate rounded_up(BitRate step) const {
    const BitRate down = rounded_down(step);
    return down == *this ? down : down + step;
  }

  friend constexpr auto operator<=>(BitRate, BitRate) = default;

  friend constexpr BitRate operator+(BitRate a, BitRate b) { return BitRate(a.bits_ + b.bits_); }

  /// Zero when `b` is the larger: a rate is never negative.
  friend constexpr BitRate operator-(BitRate a, BitRate b) {
    return BitRate(a.bits_ > b.bits_ ? a.bits_ - b.bits_ : 0);
  }

  constexpr BitRate& operator+=(BitRate other) { return *this = *this + other; }

 private:
  explicit constexpr BitRate(std::uint64_t bits) : bits_(bits) {}

  std::uint64_t bits_ = 0;
};

/// As a person reads it, in the largest decimal unit that is exact to three places: "40 Gbit/s",
/// "2.5 Gbit/s", "100 Mbit/s", "0 bit/s".
std::string to_string(BitRate rate);

}  // namespace sluice
