#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pkg/fs/dir.h"
#include "test/fake/fake_kernel.h"
#include "test/fake/port_model.h"
#include "test/support/sysfs_tree.h"

namespace sluice {

/// A node with one SR-IOV port of a driver model, whose kernel and sysfs always agree: sysfs shows
/// every change of links, RDMA devices, carrier, speed, number of VFs and eswitch mode, and devlink
/// answers as the model does. A process on it can die before any request.
///
///     FakeMachine machine(driver_model("ice"));
///     machine.port().set_vfs(4);
///     Lanes lanes(machine.kernel(), machine.sysfs(), ledger, aside, providers(…));
class FakeMachine {
 public:
  static constexpr const char* kPort = "0000:3b:00.0";

  explicit FakeMachine(const DriverModel& model);
  FakeMachine(const FakeMachine&) = delete;
  FakeMachine& operator=(const FakeMachine&) = delete;

  FakeKernel& kernel() { return kernel_; }

  FakeNode& node() { return kernel_.node(); }

  PortModel& port() { return port_; }

  const DriverModel& model() const { return model_; }

  const Dir& sysfs() const { return sysfs_; }

  SysfsTree& tree() { return tree_; }
  const SysfsTree& tree() const { return tree_; }

  /// The PCI address of a VF, existing or not.
  static PciAddress vf(int index) { return SysfsTree::vf(kPort, index); }

  /// What `sluiced provision` says it does (Progress of pkg/provision/vf_count.h): the driver does
  /// it. It writes a file, and a file tells no driver.
  void drive(const std::string& line);

  /// The process that makes requests dies before the `nth` from now, which and all after it fail
  /// without effect; `at_death` runs first. Requests are those to links, RDMA devices, devlink, and
  /// for namespaces.
  void die_before(int nth, std::function<void()> at_death);

  bool is_dead() const { return dead_; }

  /// Another process begins.
  void revive();

  /// How many requests there were since the machine was made or revived.
  int requests() const { return requests_; }

 private:
  /// What sysfs shows of one PCI function.
  struct Shown {
    bool net = false;                ///< It has a link, somewhere.
    std::vector<std::string> links;  ///< In the host.
    std::string rdma;
    std::map<std::string, int> chars;

    friend bool operator==(const Shown&, const Shown&) = default;
  };

  FakePort sysfs_port() const;
  void show();
  void show_vfs();
  void show_port();
  void show_eswitch();
  void show_function(const std::string& function);
  void write_links(const std::string& function, const Shown& now);
  void write_rdma(const std::string& function, const Shown& before, const Shown& now);
  Shown look_at(const std::string& function);
  void on_request();
  void refuse_all(const std::optional<Error>& error);

  const DriverModel& model_;
  FakeKernel kernel_;
  SysfsTree tree_;
  Dir sysfs_;
  PortModel port_;
  std::map<std::string, Shown> shown_;  // PCI address -> what sysfs shows of it
  std::string shown_wire_;              // Speed and carrier.
  int carrier_changes_ = 0;
  int shown_vfs_ = 0;
  std::optional<std::pair<std::optional<EswitchMode>, int>> shown_eswitch_;
  bool dead_ = false;
  int requests_ = 0;
  int dies_at_ = 0;  ///< 0: it lives.
  std::function<void()> at_death_;
};

}  // namespace sluice
