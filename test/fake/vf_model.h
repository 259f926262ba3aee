#pragma once

#include <optional>

#include "test/fake/fake_node.h"

namespace sluice {

/// A VF of `port` as its driver makes it: at the driver's defaults, with nothing ever written.
FakeVf fresh_fake_vf(const FakeLink& port, int index);

/// The source of a node GUID: an EUI-64 of the MAC (mlx5 mlx5_esw_set_vport_mac_locked, which takes
/// zero for a MAC, too).
std::uint64_t guid_of(const MacAddress& mac);

/// One VF as its port's driver and its own driver treat it, by the traits of FakeDriver. A view,
/// made for one request or event.
///
/// A link of iavf in a reset (iavf_main.c): Linux 6.1 detaches it, so that up, MTU and MAC are
/// ENODEV; later ones let `up` wait for the end of the reset and lose a MAC written meanwhile
/// (6.12: EACCES, 7.3: EAGAIN).
class VfModel {
 public:
  VfModel(FakeNode& node, FakeLink& port, FakeVf& vf)
      : node_(node), port_(port), driver_(port.driver), vf_(vf) {}

  // Through the port. 0 or an errno.

  /// In the kernel's order (do_setvfinfo of net/core/rtnetlink.c): MAC, VLAN, rate, spoof check,
  /// link state, trust, GUIDs. What comes before a refusal stays.
  int set(const VfSettings& settings);

  /// nullopt where the driver does not answer, and the kernel leaves the VF out of the list.
  std::optional<VfInfo> report();

  // Through the VF's link. 0 or an errno.

  bool is_detached() const;
  int set_own_mac(FakeLink& link, const MacAddress& mac);
  int open(FakeLink& link);
  void close(FakeLink& link);

  // Events.

  /// One request's worth of time.
  void tick();

  /// A reset of the VF that no write asked for, as by the VF itself (VFLR) or with its port.
  void reset_unasked();

  /// Its driver is bound: MACs and GUIDs that are read then.
  void probe(FakeLink& link);

  // vf_rates.cpp

  int set_rate(const Rate& wanted);
  int set_leaf_rate(const Rate& wanted);
  void rate_after_reset();
  void rate_at_speed(SpeedChange change);

 private:
  int set_mac(const MacAddress& mac);
  int set_vlan(const VlanTag& tag);
  int set_switches(const VfSettings& settings);
  int set_link_state(VfLinkState state);
  int set_guids(const VfSettings& settings);
  bool takes_settings() const;
  void reset_if(ResetsVf when, bool differs);
  void begin_reset();
  void end_reset();
  void adopt(FakeLink& link);
  void notice(const FakeLink& link);
  int check_speed(const Rate& wanted) const;
  int check_floors(const Rate& wanted) const;
  void program(const Rate& wanted);

  FakeNode& node_;
  FakeLink& port_;
  const FakeDriver& driver_;
  FakeVf& vf_;
};

}  // namespace sluice
