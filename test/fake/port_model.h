#pragma once

#include <string>

#include "test/fake/driver_models.h"
#include "test/fake/fake_node.h"

namespace sluice {

/// A port of a FakeNode by a driver model: what happens to it, and what its VFs really do. The
/// node's requests are the other half (VfModel).
class PortModel {
 public:
  /// Plugs the port in, up with carrier and without VFs: "eth0", or "ib0". `node` must outlive
  /// this object; `function` is the port's PCI address.
  PortModel(FakeNode& node, const DriverModel& model, std::string function);

  // What happens.

  /// sriov_numvfs: 0 or an errno. Earlier VFs go. New ones come with links "eth0v0", …, bound,
  /// and with RDMA devices where the driver has them.
  int set_vfs(int count);

  void lose_carrier();

  /// At the last speed, or another one.
  void restore_carrier();
  void restore_carrier(int mbps);

  /// Firmware reset of the port or devlink reload.
  void reset();

  /// By the VF itself, or whatever else did not go through the port.
  void reset_vf(int vf);

  /// Firmware reset or recovery of the VF's function. False where that leaves its link in place;
  /// else link and RDMA device are new and in the host.
  bool recreate_vf(int vf);

  /// Firmware reset of the port of a driver whose RDMA part is another one (bnxt_re): the VF's RDMA
  /// device alone is new and in the host. The VF has one.
  void recreate_rdma(int vf);

  /// The VF's driver loses its device: link and RDMA device are gone, until it finds it again.
  void lose_vf(int vf);
  void find_vf(int vf);

  /// Time passes until no VF is in a reset.
  void settle();

  // What is.

  FakeLink& port() { return *node_.link_of(function_); }

  FakeVf& vf(int index) { return port().vfs.at(index); }

  int vfs() { return static_cast<int>(port().vfs.size()); }

  const FakeDriver& driver() const { return model_.driver; }

  const std::string& function() const { return function_; }

  /// nullptr where it has none; wherever it is.
  FakeLink* link_of(int index) { return node_.link_of(vf(index).function); }

  /// Whether frames with the MAC of its link leave the VF.
  bool can_send(int index);

  /// Whether frames to the MAC of its link reach it.
  bool can_receive(int index);

  /// What the hardware limits the VF to; zero where it does not.
  Rate programmed(int index) { return vf(index).programmed; }

 private:
  void add_vf(int index);
  void add_link(FakeVf& vf, int index);
  void add_rdma(const std::string& function, const std::string& name, std::uint64_t netns,
                int link);
  void remove_vf(FakeVf& vf);
  void remove_rdma(const std::string& function);

  FakeNode& node_;
  const DriverModel& model_;
  std::string function_;
  int probes_ = 0;
};

}  // namespace sluice
