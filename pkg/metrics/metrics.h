#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "pkg/base/bit_rate.h"
#include "pkg/metrics/catalog.h"

namespace sluice {

/// A rate in Prometheus' base unit.
inline double bytes_per_second(BitRate rate) {
  return static_cast<double>(rate.as_bits_per_second()) / 8;
}

/// One series of a gauge.
template <std::size_t kLabels>
struct GaugeValue {
  std::array<std::string, kLabels> labels;
  double value = 0;
};

/// The values of all metrics, and their text for Prometheus. Thread-safe. A metric takes 4096
/// series; more of them are counted under labels that all say "other".
class Metrics final {
 public:
  template <std::size_t kLabels>
  using Labels = std::type_identity_t<std::array<std::string_view, kLabels>>;

  Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;
  ~Metrics();

  template <std::size_t kLabels>
  void add(const CounterName<kLabels>& name, const Labels<kLabels>& labels, double more = 1) {
    add_counter({name.name, name.help, name.labels}, labels, more);
  }

  template <std::size_t kLabels>
  void set(const GaugeName<kLabels>& name, const Labels<kLabels>& labels, double value) {
    set_gauge({name.name, name.help, name.labels}, labels, value);
  }

  /// The gauge shows these series and no others: what the last snapshot does not know any more
  /// goes.
  template <std::size_t kLabels>
  void replace(const GaugeName<kLabels>& name, const std::vector<GaugeValue<kLabels>>& all) {
    std::vector<Sample> samples;
    samples.reserve(all.size());
    for (const GaugeValue<kLabels>& each : all) {
      samples.push_back({{each.labels.begin(), each.labels.end()}, each.value});
    }
    replace_gauges({name.name, name.help, name.labels}, samples);
  }

  /// `seconds` falls into buckets from 100 µs to 10 s.
  template <std::size_t kLabels>
  void observe(const HistogramName<kLabels>& name, const Labels<kLabels>& labels, double seconds) {
    observe_histogram({name.name, name.help, name.labels}, labels, seconds);
  }

  /// The exposition format of Prometheus, version 0.0.4. Metrics appear with their first value.
  std::string text() const;

  static constexpr const char* kContentType = "text/plain; version=0.0.4; charset=utf-8";

 private:
  struct Series;

  struct Name {
    const char* name;
    const char* help;
    std::span<const char* const> labels;
  };

  struct Sample {
    std::vector<std::string> labels;
    double value;
  };

  using Values = std::span<const std::string_view>;

  void add_counter(const Name& name, Values labels, double more);
  void set_gauge(const Name& name, Values labels, double value);
  void replace_gauges(const Name& name, const std::vector<Sample>& all);
  void observe_histogram(const Name& name, Values labels, double seconds);

  std::unique_ptr<Series> series_;
};

}  // namespace sluice
