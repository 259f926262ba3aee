#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/bandwidth/htb_shaper.h"
#include "pkg/fs/dir.h"
#include "pkg/lane/provider.h"

namespace sluice {

/// Lanes that are children of an uplink: a macvlan, or a veth pair whose frames are handed over to
/// the uplink and back. An HTB class on the uplink keeps floor and ceiling. The child is made in
/// the pod's namespace, after its class and filter, so that it never sends a frame unshaped, and
/// dies with that namespace; class and filter stay until release().
///
/// A lane without an address of its own in the request gets a random one. A pod that changes it
/// leaves its class and sends as the host does: its floor is lost, no other lane's is. What macvlan
/// lanes of one uplink send each other never reaches the uplink and is not shaped.
class SoftProvider final : public Provider {
 public:
  /// Both must outlive this object. `sysfs` is an open /sys or a tree like it.
  SoftProvider(Kernel& kernel, const Dir& sysfs) : kernel_(kernel), sysfs_(sysfs) {}

  std::string_view name() const override { return kSoftProvider; }
  bool makes(const Material& asked) const override;

  /// The line rate is the request's, or 98 % of what the uplink tells: a wire also carries
  /// preamble, FCS and gap, 24 bytes a frame that HTB does not count, and the uplink's own queue
  /// must never be the narrower one. invalid_argument when neither is known.
  Result<PortFacts> port_of(const LaneRequest& request) override;

  /// The lowest number that is free on the uplink. unsupported for settings that only VFs have;
  /// exhausted when all numbers are taken; invalid_argument when the uplink has lanes at another
  /// line rate than asked for.
  Result<LaneRecord> describe(const LaneRequest& request, const PortRecord& port) override;

  Result<> configure(const PortRecord& port, const LaneRecord& lane) override;
  Result<> set_rate(const PortRecord& port, const LaneRecord& lane, const Rate& rate) override;
  Result<std::optional<Link>> move_in(const PortRecord& port, LaneRecord& lane, const Pod& pod,
                                      const std::optional<int>& mtu) override;
  Result<VfSettings> release(const PortRecord& port, const LaneRecord& lane,
                             Search search) override;
  Result<std::vector<Drift>> inspect(const PortRecord& port, const LaneRecord& lane,
                                     const Pod& pod) override;

 private:
  Result<std::optional<BitRate>> told_rate(const std::string& uplink) const;
  Result<Link> uplink_of(const PortRecord& port);
  Result<HtbShaper> shaper_of(const PortRecord& port);
  Result<Link> bring_up(const LaneRecord& lane, const Pod& pod, int uplink);
  Result<> remove_child(const LaneRecord& lane);
  Result<> remove_from(Links& links, const LaneRecord& lane);

  Kernel& kernel_;
  const Dir& sysfs_;
};

}  // namespace sluice
