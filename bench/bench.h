#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sluice::bench {

/// Seconds that `work` takes.
template <typename Work>
double seconds(Work work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

inline double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// The mean of the middle half: as calm as a median, and not as coarse where a timer's ticks make
/// the values few.
inline double midmean(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t quarter = values.size() / 4;
  const std::size_t middle = values.size() - 2 * quarter;
  double sum = 0;
  for (std::size_t i = quarter; i < quarter + middle; ++i) sum += values[i];
  return middle == 0 ? 0 : sum / static_cast<double>(middle);
}

/// "1.23 ms": three digits and the unit that fits.
inline std::string duration(double value) {
  if (value < 1e-6) return fmt::format("{:.3g} ns", value * 1e9);
  if (value < 1e-3) return fmt::format("{:.3g} us", value * 1e6);
  if (value < 1) return fmt::format("{:.3g} ms", value * 1e3);
  return fmt::format("{:.3g} s", value);
}

/// Seconds for a fixed piece of arithmetic: FNV-1a over `bytes` bytes, one dependent multiplication
/// each. What only computes is held against it, so that a slow machine fails no row.
inline double arithmetic(std::size_t bytes) {
  constexpr int kTimes = 31;
  constexpr std::uint64_t kBasis = 0xcbf29ce484222325;  // RFC 9923, as the prime.
  constexpr std::uint64_t kPrime = 0x100000001b3;
  std::vector<double> times;
  times.reserve(kTimes);
  volatile std::uint64_t kept = kBasis;  // Else the compiler would do without the work.
  for (int i = 0; i < kTimes; ++i) {
    times.push_back(seconds([&] {
      std::uint64_t hash = kept;
      for (std::size_t at = 0; at < bytes; ++at) hash = (hash ^ (at & 0xffU)) * kPrime;
      kept = hash;
    }));
  }
  return median(times);
}

constexpr double kMebibyte = 1 << 20;

inline std::string mebibytes(double bytes) {
  return fmt::format("{:.3g} MiB", bytes / kMebibyte);
}

inline std::string percent(double share) {
  return fmt::format("{:.2g} %", share * 100);
}

/// One line of the table, in seconds unless `text` says otherwise. `most` bounds the measured
/// value, `most_ratio` its ratio to the reference; a row without either only informs.
struct Row {
  std::string what;
  double measured = 0;
  double reference = 0;  ///< 0: none.
  std::string reference_name;
  double most = 0;        ///< 0: no bound.
  double most_ratio = 0;  ///< 0: no bound.
  std::string (*text)(double value) = duration;

  bool holds() const {
    return (most == 0 || measured <= most) &&
           (most_ratio == 0 || measured <= most_ratio * reference);
  }
};

/// Prints the row as bench/run expects it, fields between tabs; false when the target is missed.
inline bool print(const Row& row) {
  std::string target = "-";
  if (row.most > 0) target = "<= " + row.text(row.most);
  if (row.most_ratio > 0) target = fmt::format("<= {:.3g}x", row.most_ratio);
  const bool compared = row.reference > 0;
  const bool judged = row.most > 0 || row.most_ratio > 0;
  const char* const verdict = row.holds() ? "ok" : "MISSED";
  fmt::print("{}\t{}\t{}\t{}\t{}\t{}\n", row.what, row.text(row.measured),
             compared ? fmt::format("{} {}", row.text(row.reference), row.reference_name) : "-",
             compared ? fmt::format("{:.2f}x", row.measured / row.reference) : "-", target,
             judged ? verdict : "-");
  std::fflush(stdout);
  return row.holds();
}

}  // namespace sluice::bench
