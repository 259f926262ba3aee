#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "pkg/ledger/ledger.h"

namespace sluice {

/// The lanes of all ports as they are on disk now. A damaged file is a port without lanes: it is
/// set aside by whoever locks the port next.
Result<std::vector<PortRecord>> read_records(const Ledger& ledger);

/// What has a lane: the ids of all lanes, whatever their phase.
std::set<std::string> lane_ids(std::span<const PortRecord> records);

/// Tells which lanes have come into their pods since the last look. Pure; one thread at a time.
class Arrivals {
 public:
  struct Arrival {
    std::string port;
    LaneRecord lane;
  };

  /// Nothing with the first look: those lanes were there before.
  std::vector<Arrival> observe(std::span<const PortRecord> records);

 private:
  using Identity = std::tuple<std::string, std::uint64_t, std::string>;  // Lane, namespace, name.

  std::set<Identity> known_;
  bool has_looked_ = false;
};

}  // namespace sluice
