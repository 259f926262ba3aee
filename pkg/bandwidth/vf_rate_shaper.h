#pragma once

#include "pkg/bandwidth/capability.h"
#include "pkg/bandwidth/shaper.h"
#include "pkg/netlink/links.h"

namespace sluice {

/// Shapes the VFs of a port in legacy mode through IFLA_VF_RATE. Rates must be whole Mbit/s, as
/// those of in_force() are; invalid_argument otherwise, with nothing written.
class VfRateShaper final : public Shaper {
 public:
  /// `links` and `capability` must outlive this object. `line_rate` is what a limit is replaced by
  /// where the driver cannot take one back.
  VfRateShaper(Links& links, int port_index, const DriverCapability& capability, BitRate line_rate)
      : links_(links), port_index_(port_index), capability_(capability), line_rate_(line_rate) {}

  Result<> apply(int vf, Rate rate) override;
  Result<> clear(int vf) override;
  Result<VfList> read_back() override;

 private:
  Links& links_;
  int port_index_;
  const DriverCapability& capability_;
  BitRate line_rate_;
};

}  // namespace sluice
