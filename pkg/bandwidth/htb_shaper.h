#pragma once

#include <string>

#include "pkg/bandwidth/shaper.h"
#include "pkg/netlink/traffic_control.h"

namespace sluice {

/// Shapes the software lanes of one uplink with an HTB tree:
///
///     51ce:    the uplink's root qdisc, its number our mark
///     51ce:1   all that leaves: rate = ceiling = the usable rate
///     51ce:2   the host's own traffic, and whatever no filter knows
///     51ce:N   lane N − 16: rate = floor, ceiling = ceiling
///
/// A frame finds its lane by its source MAC. What no floor claims is shared equally by the lanes
/// that want it, whatever their floors. All rates are in wire bytes (see HtbClass).
///
/// Lanes are numbered from 0 to kMostLanes − 1; `vf` in Shaper's words. The tree appears with the
/// first lane and goes with the last, when the kernel's default qdisc comes back. The caller holds
/// the uplink's lock. Not thread-safe.
class HtbShaper final : public Shaper {
 public:
  static constexpr int kMostLanes = 4096;

  /// `uplink` is the link's index, `usable` what the lanes may send together, not zero.
  HtbShaper(TrafficControl& traffic_control, int uplink, BitRate usable)
      : tc_(traffic_control), uplink_(uplink), usable_(usable) {}

  /// A floor of zero gets htb_class()'s least rate, a ceiling of zero the usable rate. Makes or
  /// mends the tree first. already_exists when a foreign qdisc is the uplink's root;
  /// invalid_argument for a lane number out of range; not_found without such an uplink.
  Result<> apply(int lane, Rate rate) override;

  /// Sends frames from `mac` through the lane's class; to be called after apply() and before the
  /// first frame, which would pass as the host's. In place of what the lane had.
  Result<> direct(int lane, const MacAddress& mac);

  /// Also takes back direct(). Success when the uplink or the tree is gone; never touches a root
  /// foreign qdisc.
  Result<> clear(int lane) override;

  /// Lanes by number. A rate equal to what apply() writes for zero reads as zero.
  Result<VfList> read_back() override;

  /// Throws away the tree with all lanes.
  Result<> remove_tree();

 private:
  /// Whether our tree is the uplink's root; already_exists when a foreign one is.
  Result<bool> has_tree();
  Result<> make_tree();
  Result<> remove_filter(int lane);

  TrafficControl& tc_;
  int uplink_;
  BitRate usable_;
};

/// The class that gives a lane its rate, out of a usable rate. Pure. The bursts are 10 ms at their
/// rate, at least 16 KiB: with tc(8)'s default of one timer tick floors lost up to 20 % and
/// ceilings 18 %, with 10 ms both hold within 0.1 % (measured at 20 Mbit/s to 1 Gbit/s).
HtbClass htb_class(int lane, Rate rate, BitRate usable);

/// Frames from `mac` go to the lane's class. Pure.
Filter htb_filter(int lane, const MacAddress& mac);

}  // namespace sluice
