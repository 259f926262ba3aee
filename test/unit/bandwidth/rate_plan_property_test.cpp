// Random ports from a fixed seed: what must hold of every division, whatever was asked.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <random>

#include "pkg/bandwidth/admission.h"
#include "pkg/bandwidth/rate_plan.h"
#include "test/support/result_matchers.h"

namespace sluice {
namespace {

constexpr int kPorts = 4'000;

struct Port {
  const DriverCapability* capability = nullptr;
  PortShare share;
  std::vector<Rate> asked;
};

class PortMaker {
 public:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

  /// A port whose lanes all passed validate() and admission.
  Port make(FloorEnforcement floor) {
    Port port{.capability = pick(floor), .share = {}, .asked = {}};
    static constexpr std::uint64_t kGbps[] = {1, 10, 25, 40, 100};
    port.share.line_rate = port.capability->only_at.is_zero() ? BitRate::gbps(kGbps[below(5)])
                                                              : port.capability->only_at;
    port.share.usable = port.share.line_rate;
    if (below(2) == 0) {
      const std::uint64_t percent = 50 + below(50);
      port.share.usable =
          BitRate::bits_per_second(port.share.line_rate.as_bits_per_second() / 100 * percent);
    }
    BitRate promised =
        BitRate::bits_per_second(below(3) == 0 ? below(port.share.usable.as_bits_per_second()) : 0);
    port.share.promised_elsewhere = promised = promised.rounded_down(port.capability->step);
    for (std::uint64_t lanes = below(20); lanes > 0; --lanes) {
      const Rate rate = lane(*port.capability, port.share);
      const BitRate cost = effective_promise(*port.capability, rate.floor);
      if (!validate(*port.capability, port.share.line_rate, rate)) continue;
      if (cost > port.share.usable - promised || rate.floor > port.share.usable) continue;
      promised += cost;
      port.asked.push_back(rate);
    }
    return port;
  }

 private:
  const DriverCapability* pick(FloorEnforcement floor) {
    std::vector<const DriverCapability*> rows;
    for (const DriverCapability& row : known_drivers()) {
      if (row.floor == floor) rows.push_back(&row);
    }
    return rows[below(rows.size())];
  }

  Rate lane(const DriverCapability& capability, const PortShare& share) {
    const std::uint64_t line = share.line_rate.as_bits_per_second();
    const std::uint64_t floor = below(3) == 0 ? 0 : below(line / (1 + below(12)));
    std::uint64_t ceiling = below(2) == 0 ? 0 : floor + below(line - floor + 1);
    if (ceiling != 0) ceiling = std::max(ceiling, capability.least.as_bits_per_second());
    return {.floor = BitRate::bits_per_second(floor), .ceiling = BitRate::bits_per_second(ceiling)};
  }

  std::mt19937_64 random_{20260101};
};

std::vector<Rate> divide(const Port& port) {
  const Result<std::vector<Rate>> rates = in_force(*port.capability, port.share, port.asked);
  EXPECT_THAT(rates, IsOk()) << port.capability->driver;
  return rates ? *rates : std::vector<Rate>(port.asked.size());
}

/// What a ceiling lets through: zero is no limit.
BitRate through(BitRate ceiling, const Port& port) {
  return ceiling.is_zero() ? port.share.line_rate : ceiling;
}

BitRate sum_of_ceilings(const std::vector<Rate>& rates, const Port& port) {
  return std::accumulate(rates.begin(), rates.end(), BitRate(), [&](BitRate sum, const Rate& rate) {
    return sum + through(rate.ceiling, port);
  });
}

TEST(DivisionProperty, CeilingsNeverSumPastWhatIsNotPromisedElsewhere) {
  PortMaker maker;
  for (int i = 0; i < kPorts; ++i) {
    const Port port = maker.make(FloorEnforcement::emulated);
    const BitRate sum = sum_of_ceilings(divide(port), port);
    ASSERT_LE(sum + port.share.promised_elsewhere, port.share.usable) << "port " << i;
  }
}

TEST(DivisionProperty, EveryLaneIsBetweenItsFloorAndItsCeilingOnWholeSteps) {
  PortMaker maker;
  for (int i = 0; i < kPorts; ++i) {
    const Port port = maker.make(FloorEnforcement::emulated);
    const std::vector<Rate> rates = divide(port);
    for (std::size_t lane = 0; lane < rates.size(); ++lane) {
      const BitRate got = rates[lane].ceiling;
      ASSERT_EQ(rates[lane].floor, BitRate()) << "a floor would be refused";
      ASSERT_GE(through(got, port), port.asked[lane].floor) << "port " << i;
      ASSERT_LE(through(got, port), through(port.asked[lane].ceiling, port)) << "port " << i;
      ASSERT_EQ(got.rounded_down(port.capability->step), got) << "port " << i;
      ASSERT_TRUE(got.is_zero() || got >= port.capability->least) << "port " << i;
    }
  }
}

TEST(DivisionProperty, NothingUsableIsLeftWhileALaneCouldHaveIt) {
  PortMaker maker;
  for (int i = 0; i < kPorts; ++i) {
    const Port port = maker.make(FloorEnforcement::emulated);
    const std::vector<Rate> rates = divide(port);
    const BitRate left =
        port.share.usable - sum_of_ceilings(rates, port) - port.share.promised_elsewhere;
    const BitRate step = port.capability->step;
    // Up to a step for each lane, and one for the part of a step at the end of the port.
    const BitRate rounding =
        BitRate::bits_per_second(step.as_bits_per_second() * (rates.size() + 1));
    for (std::size_t lane = 0; lane < rates.size(); ++lane) {
      BitRate most = through(port.asked[lane].ceiling, port);
      if (!port.capability->most.is_zero()) most = std::min(most, port.capability->most);
      const bool wants_more = through(rates[lane].ceiling, port) + step <= most;
      ASSERT_TRUE(!wants_more || left < rounding)
          << "port " << i << ": " << to_string(left) << " left";
    }
  }
}

TEST(DivisionProperty, WhatIsNotPromisedIsSharedEqually) {
  PortMaker maker;
  for (int i = 0; i < kPorts; ++i) {
    const Port port = maker.make(FloorEnforcement::emulated);
    const std::vector<Rate> rates = divide(port);
    const auto extra = [&](std::size_t lane) {
      return through(rates[lane].ceiling, port) -
             effective_promise(*port.capability, port.asked[lane].floor);
    };
    for (std::size_t a = 0; a < rates.size(); ++a) {
      const BitRate most = through(port.asked[a].ceiling, port);
      if (through(rates[a].ceiling, port) + port.capability->step > most) continue;
      for (std::size_t b = 0; b < rates.size(); ++b) {
        ASSERT_LE(extra(b), extra(a)) << "port " << i << ": lane " << b << " has more than lane "
                                      << a << ", which its ceiling does not hold back";
      }
    }
  }
}

TEST(DivisionProperty, OrderDoesNotMatter) {
  PortMaker maker;
  for (int i = 0; i < kPorts; ++i) {
    Port port = maker.make(FloorEnforcement::emulated);
    std::vector<Rate> forwards = divide(port);
    std::reverse(port.asked.begin(), port.asked.end());
    const std::vector<Rate> backwards = divide(port);
    std::reverse(forwards.begin(), forwards.end());
    ASSERT_EQ(forwards, backwards) << "port " << i;
  }
}

TEST(DivisionProperty, DeparturesNeverLowerAndArrivalsNeverRaise) {
  PortMaker maker;
  for (int i = 0; i < kPorts; ++i) {
    Port port = maker.make(FloorEnforcement::emulated);
    if (port.asked.empty()) continue;
    std::vector<Rate> with = divide(port);
    const std::size_t gone = maker.below(port.asked.size());
    port.asked.erase(port.asked.begin() + static_cast<std::ptrdiff_t>(gone));
    with.erase(with.begin() + static_cast<std::ptrdiff_t>(gone));
    const std::vector<Rate> without = divide(port);
    for (std::size_t lane = 0; lane < without.size(); ++lane) {
      ASSERT_GE(through(without[lane].ceiling, port), through(with[lane].ceiling, port))
          << "port " << i << ", lane " << lane;
    }
  }
}

TEST(DivisionProperty, HardwareFloorsFitAndHoldWhatWasAsked) {
  PortMaker maker;
  for (int i = 0; i < kPorts; ++i) {
    const Port port =
        maker.make(i % 2 == 0 ? FloorEnforcement::hardware : FloorEnforcement::weight);
    const std::vector<Rate> rates = divide(port);
    BitRate floors;
    for (std::size_t lane = 0; lane < rates.size(); ++lane) {
      floors += rates[lane].floor;
      ASSERT_GE(rates[lane].floor, port.asked[lane].floor) << "port " << i;
      ASSERT_LE(through(rates[lane].ceiling, port), through(port.asked[lane].ceiling, port))
          << "port " << i;
      ASSERT_LE(rates[lane].floor, through(rates[lane].ceiling, port))
          << "port " << i << ": the kernel refuses a max below the min";
    }
    ASSERT_LE(floors + port.share.promised_elsewhere, port.share.usable) << "port " << i;
  }
}

/// The lanes of a port before and after one of them comes, goes, or is asked something else.
std::vector<RateUpdate> random_change(PortMaker& maker, Port& port) {
  std::vector<RateUpdate> changes(port.asked.size());
  const std::vector<Rate> first = divide(port);
  const std::size_t chosen = maker.below(port.asked.size());
  const Rate removed = port.asked[chosen];
  port.asked.erase(port.asked.begin() + static_cast<std::ptrdiff_t>(chosen));
  std::vector<Rate> second = divide(port);
  port.asked.insert(port.asked.begin() + static_cast<std::ptrdiff_t>(chosen), removed);
  for (std::size_t lane = 0, rest = 0; lane < changes.size(); ++lane) {
    changes[lane].before = first[lane];
    if (lane != chosen) changes[lane].after = second[rest++];
  }
  if (maker.below(2) == 0) {
    for (RateUpdate& change : changes) std::swap(change.before, change.after);
  }
  return changes;
}

// What the lanes may send together.
BitRate sum_of(const std::vector<std::optional<Rate>>& rates, const Port& port) {
  BitRate sum;
  for (const std::optional<Rate>& rate : rates) {
    if (rate) sum += through(rate->ceiling, port);
  }
  return sum;
}

TEST(WriteOrderProperty, TheSumHoldsAfterEverySingleWrite) {
  PortMaker maker;
  for (int i = 0; i < kPorts; ++i) {
    Port port = maker.make(FloorEnforcement::emulated);
    if (port.asked.empty()) continue;
    const std::vector<RateUpdate> changes = random_change(maker, port);
    std::vector<std::optional<Rate>> now;
    now.reserve(changes.size());
    for (const RateUpdate& change : changes) now.push_back(change.before);
    for (const std::size_t next : write_order(changes)) {
      now[next] = changes[next].after;
      ASSERT_LE(sum_of(now, port) + port.share.promised_elsewhere, port.share.usable)
          << "port " << i;
    }
    for (std::size_t lane = 0; lane < changes.size(); ++lane) {
      ASSERT_EQ(now[lane], changes[lane].after) << "port " << i << " lane " << lane;
    }
  }
}

}  // namespace
}  // namespace sluice
