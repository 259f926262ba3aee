#pragma once

#include "pkg/bandwidth/shaper.h"
#include "pkg/netlink/devlink.h"

namespace sluice {

/// Shapes the VFs of a port in switchdev mode through devlink-rate, where legacy VF rates are
/// refused. Rates must be whole Mbit/s, as those of in_force() are. Two requests a write: the VF's
/// leaf is looked up by its devlink port first.
class DevlinkRateShaper final : public Shaper {
 public:
  /// `devlink` must outlive this object. `vfs` is how many VFs the port has.
  DevlinkRateShaper(Devlink& devlink, DevlinkDevice port, int vfs)
      : devlink_(devlink), port_(std::move(port)), vfs_(vfs) {}

  /// not_found also for a VF without a leaf: the port is in legacy mode, or has no such VF.
  Result<> apply(int vf, Rate rate) override;
  Result<> clear(int vf) override;
  Result<VfList> read_back() override;

 private:
  Devlink& devlink_;
  DevlinkDevice port_;
  int vfs_;
};

}  // namespace sluice
