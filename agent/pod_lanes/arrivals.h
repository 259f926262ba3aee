#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "pkg/ledger/record.h"

namespace sluice {

/// Tells which lanes have come into their pods. Those of one pod come one by one, and are told
/// together. Pure; one thread at a time.
class Arrivals {
 public:
  using Clock = std::chrono::steady_clock;

  struct Arrival {
    std::string port;
    LaneRecord lane;
  };

  /// From the last lane of a pod to the telling: many times what the next lane takes.
  static constexpr std::chrono::seconds kGathering{1};

  /// The most that a pod waits for what take() asks about.
  static constexpr std::chrono::seconds kSettling{30};

  /// Takes the ledger as it is at `now`. With the first look nothing has come: those lanes were
  /// there before.
  void observe(std::span<const PortRecord> records, Clock::time_point now);

  /// The pods that are to be told by `now`, each with what came to it, in that order. A pod waits
  /// while something of it is not settled.
  std::vector<std::vector<Arrival>> take(Clock::time_point now,
                                         const std::function<bool(const Arrival&)>& is_settled);

  bool are_waiting() const { return !waiting_.empty(); }

 private:
  using Identity = std::tuple<std::string, std::uint64_t, std::string>;  // Lane, namespace, name.

  struct Gathered {
    std::vector<Arrival> lanes;
    Clock::time_point last;
  };

  std::set<Identity> known_;
  // By namespace and container: pods on the host's network share one.
  std::map<std::pair<std::uint64_t, std::string>, Gathered> waiting_;
  bool has_looked_ = false;
};

}  // namespace sluice
