#include "pkg/metrics/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>
#include <mutex>
#include <set>
#include <utility>

namespace sluice {
namespace {

constexpr std::size_t kSeriesLimit = 4096;

const prometheus::Histogram::BucketBoundaries& buckets() {
  static const prometheus::Histogram::BucketBoundaries kSeconds = {
      0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 2.5, 10};
  return kSeconds;
}

using LabelValues = std::vector<std::string>;

/// One metric: its family in the registry, and its series by the values of their labels.
template <typename T>
struct Family {
  prometheus::Family<T>* family = nullptr;
  std::span<const char* const> labels;
  std::map<LabelValues, T*> series;

  template <typename... Extra>
  T& at(LabelValues values, const Extra&... extra) {
    if (const auto known = series.find(values); known != series.end()) return *known->second;
    if (series.size() >= kSeriesLimit) values.assign(values.size(), "other");
    prometheus::Labels named;
    for (std::size_t i = 0; i < values.size(); ++i) named[labels[i]] = values[i];
    T& made = family->Add(named, extra...);
    series[std::move(values)] = &made;
    return made;
  }
};

template <typename T>
using Families = std::map<std::string_view, Family<T>>;

}  // namespace

struct Metrics::Series {
  mutable std::mutex mutex;  // Guards the maps; what they point to guards itself.
  prometheus::Registry registry;
  Families<prometheus::Counter> counters;
  Families<prometheus::Gauge> gauges;
  Families<prometheus::Histogram> histograms;

  template <typename T>
  Family<T>& family(Families<T>& families, const Name& name,
                    prometheus::detail::Builder<T> (*build)()) {
    Family<T>& family = families[name.name];
    if (family.family == nullptr) {
      family.family = &build().Name(name.name).Help(name.help).Register(registry);
      family.labels = name.labels;
    }
    return family;
  }
};

Metrics::Metrics() : series_(std::make_unique<Series>()) {}

Metrics::~Metrics() = default;

void Metrics::add_counter(const Name& name, Values labels, double more) {
  const std::lock_guard lock(series_->mutex);
  series_->family(series_->counters, name, prometheus::BuildCounter)
      .at({labels.begin(), labels.end()})
      .Increment(more);
}

void Metrics::set_gauge(const Name& name, Values labels, double value) {
  const std::lock_guard lock(series_->mutex);
  series_->family(series_->gauges, name, prometheus::BuildGauge)
      .at({labels.begin(), labels.end()})
      .Set(value);
}

void Metrics::replace_gauges(const Name& name, const std::vector<Sample>& all) {
  const std::lock_guard lock(series_->mutex);
  Family<prometheus::Gauge>& family =
      series_->family(series_->gauges, name, prometheus::BuildGauge);
  std::set<prometheus::Gauge*> kept;
  for (const Sample& sample : all) {
    prometheus::Gauge& gauge = family.at(sample.labels);
    gauge.Set(sample.value);
    kept.insert(&gauge);
  }
  std::erase_if(family.series, [&](const auto& entry) {
    if (kept.count(entry.second) != 0) return false;
    family.family->Remove(entry.second);
    return true;
  });
}

void Metrics::observe_histogram(const Name& name, Values labels, double seconds) {
  const std::lock_guard lock(series_->mutex);
  series_->family(series_->histograms, name, prometheus::BuildHistogram)
      .at({labels.begin(), labels.end()}, buckets())
      .Observe(seconds);
}

std::string Metrics::text() const {
  return prometheus::TextSerializer().Serialize(series_->registry.Collect());
}

}  // namespace sluice
