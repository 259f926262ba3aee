#pragma once

#include <string>

#include "test/fake/fake_machine.h"
#include "test/life/hardware.h"

namespace sluice {

/// A driver model on a kernel, in one of the RDMA modes.
struct ModelCase {
  std::string_view model;
  KernelVersion version = KernelVersion::v6_12;
  RdmaNetnsMode rdma = RdmaNetnsMode::exclusive;
};

/// "ice, 6.1", "mlx5, shared"; the usual ones are not named.
std::string to_string(const ModelCase& wanted);

/// A FakeMachine as hardware of lanes. A reset of the port takes its carrier away meanwhile.
class ModelHardware final : public Hardware {
 public:
  explicit ModelHardware(const ModelCase& wanted);

  std::string name() const override { return to_string(case_); }
  Kernel& kernel() override { return machine_.kernel(); }
  const Dir& sysfs() override { return machine_.sysfs(); }
  std::string sysfs_root() const override { return machine_.tree().path(); }
  PciAddress port() const override { return *PciAddress::parse(FakeMachine::kPort); }
  PciAddress vf(int index) const override { return FakeMachine::vf(index); }
  Abilities abilities() const override;
  BitRate line_rate() const override;
  BitRate slower() const override;
  std::chrono::seconds timeout() const override { return std::chrono::seconds(5); }
  Progress progress() override;
  std::string netns_of(const std::string& pod) const override { return "/run/netns/" + pod; }
  void kill_pod(const std::string& pod) override;
  void await_end_of_pods() override {}  // They end at once.
  void settle() override { machine_.port().settle(); }
  bool lose_carrier() override;
  bool restore_carrier(BitRate line_rate) override;
  bool reset_port() override;
  bool vfs_are_gone() override { return machine_.port().vfs() == 0; }
  bool reset_vf(int index) override;
  bool recreate_vf(int index) override { return machine_.port().recreate_vf(index); }
  bool lose_vf(int index) override;
  bool find_vf(int index) override;
  bool remove_vfs() override { return machine_.port().set_vfs(0) == 0; }
  bool die_before(int nth, std::function<void()> at_death) override;
  bool is_dead() const override { return machine_.is_dead(); }
  void revive() override { machine_.revive(); }
  std::optional<bool> talks(int index) override;
  std::optional<Rate> programmed(int index) override { return machine_.port().programmed(index); }

 private:
  const FakeDriver& driver() const { return machine_.model().driver; }

  ModelCase case_;
  FakeMachine machine_;
};

}  // namespace sluice
