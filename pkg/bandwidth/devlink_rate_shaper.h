#pragma once

#include <memory>
#include <utility>

#include "pkg/bandwidth/capability.h"
#include "pkg/bandwidth/shaper.h"
#include "pkg/netlink/devlink.h"

namespace sluice {

/// Shapes the VFs of a port in switchdev mode: each through its leaf of devlink-rate, or through
/// the legacy call where it has none. Rates must be whole Mbit/s, as those of in_force() are. Two
/// requests a write: the list of the device's ports says which leaf is the VF's.
class DevlinkRateShaper final : public Shaper {
 public:
  /// `devlink` must outlive this object. `legacy` shapes the same port's VFs; `leaves` is what the
  /// port's driver makes of leaves.
  DevlinkRateShaper(Devlink& devlink, DevlinkDevice port, LeafRates leaves,
                    std::unique_ptr<Shaper> legacy)
      : devlink_(devlink), port_(std::move(port)), leaves_(leaves), legacy_(std::move(legacy)) {}

  Result<> apply(int vf, Rate rate) override;
  Result<> clear(int vf) override;

  /// The legacy list, for a driver that shows leaves there: it also has what the legacy call wrote
  /// since. Else the legacy list with the rates of those VFs that have a leaf, from one list of
  /// ports and one of rates.
  Result<VfList> read_back() override;

 private:
  /// false: the VF has no leaf, and nothing was written.
  Result<bool> set_leaf(int vf, Rate rate);

  Devlink& devlink_;
  DevlinkDevice port_;
  LeafRates leaves_;
  std::unique_ptr<Shaper> legacy_;
};

}  // namespace sluice
