#include "pkg/metrics/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Metrics, CountsByLabels) {
  Metrics metrics;
  metrics.add(metric::kAllocations, {"gold", "ok"});
  metrics.add(metric::kAllocations, {"gold", "ok"}, 2);
  metrics.add(metric::kAllocations, {"gold", "refused"});

  EXPECT_THAT(metrics.text(), HasSubstr("# TYPE sluice_allocations_total counter\n"));
  EXPECT_THAT(metrics.text(),
              HasSubstr("sluice_allocations_total{class=\"gold\",result=\"ok\"} 3\n"));
  EXPECT_THAT(metrics.text(),
              HasSubstr("sluice_allocations_total{class=\"gold\",result=\"refused\"} 1\n"));
}

TEST(Metrics, ShowsRatesToTheLastBit) {
  Metrics metrics;
  metrics.set(metric::kPortUsable, {"a"}, bytes_per_second(BitRate::gbps(100)));
  metrics.set(metric::kPortUsable, {"b"},
              bytes_per_second(BitRate::bits_per_second(100'000'000'001)));

  EXPECT_THAT(metrics.text(),
              HasSubstr("sluice_port_usable_bytes_per_second{port=\"a\"} 12500000000\n"));
  EXPECT_THAT(metrics.text(),
              HasSubstr("sluice_port_usable_bytes_per_second{port=\"b\"} 12500000000.125\n"));
}

TEST(Metrics, ReplacesWhatASnapshotNoLongerShows) {
  Metrics metrics;
  metrics.replace(metric::kPortShort, {{{"a"}, 1}, {{"b"}, 2}});
  metrics.replace(metric::kPortShort, {{{"b"}, 3}});

  EXPECT_THAT(metrics.text(), Not(HasSubstr("port=\"a\"")));
  EXPECT_THAT(metrics.text(), HasSubstr("sluice_port_short_bytes_per_second{port=\"b\"} 3\n"));
}

TEST(Metrics, ObservesIntoBuckets) {
  Metrics metrics;
  metrics.observe(metric::kAllocateSeconds, {}, 0.0002);
  metrics.observe(metric::kAllocateSeconds, {}, 0.5);

  EXPECT_THAT(metrics.text(), HasSubstr("sluice_allocate_seconds_bucket{le=\"0.00025\"} 1\n"));
  EXPECT_THAT(metrics.text(), HasSubstr("sluice_allocate_seconds_bucket{le=\"+Inf\"} 2\n"));
  EXPECT_THAT(metrics.text(), HasSubstr("sluice_allocate_seconds_count 2\n"));
}

TEST(Metrics, EscapesLabels) {
  Metrics metrics;
  metrics.add(metric::kApiFailures, {"a\"b\nc\\"});

  EXPECT_THAT(metrics.text(), HasSubstr(R"({reason="a\"b\nc\\"} 1)"));
}

TEST(Metrics, BoundsTheSeriesOfAMetric) {
  Metrics metrics;
  for (int i = 0; i < 4100; ++i) metrics.add(metric::kApiFailures, {std::to_string(i)});

  EXPECT_THAT(metrics.text(), HasSubstr("{reason=\"4095\"} 1\n"));
  EXPECT_THAT(metrics.text(), Not(HasSubstr("{reason=\"4096\"}")));
  EXPECT_THAT(metrics.text(), HasSubstr("{reason=\"other\"} 4\n"));
}

TEST(Metrics, MayBeUsedFromManyThreads) {
  Metrics metrics;
  {
    std::vector<std::jthread> threads;
    threads.reserve(4);
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&metrics] {
        for (int j = 0; j < 100; ++j) {
          metrics.add(metric::kResolutions, {"ok"});
          metrics.replace(metric::kPortShort, {{{std::to_string(j)}, 1}});
          static_cast<void>(metrics.text());
        }
      });
    }
  }
  EXPECT_THAT(metrics.text(), HasSubstr("sluice_resolutions_total{result=\"ok\"} 400\n"));
}

}  // namespace
}  // namespace sluice
