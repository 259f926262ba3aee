#pragma once

#include <string>
#include <vector>

#include "pkg/ledger/grant_store.h"
#include "pkg/provision/provisioner.h"
#include "test/fake/fake_kernel.h"
#include "test/support/result_matchers.h"
#include "test/support/sysfs_tree.h"
#include "test/support/temp_dir.h"

namespace sluice {

inline constexpr const char* kPort = "0000:3b:00.0";

/// A node with one port, "eth0", whose driver makes VFs when it is told to. In the kernel the port
/// has its four from the start.
class ProvisionWorld : public ::testing::Test {
 protected:
  /// The port is `hardware_` with that many VFs, and its driver `driver_`.
  void build(int vfs) {
    FakePort port = hardware_;
    port.vfs = starts_with_ = vfs;
    tree_.pf(kPort, port);
    index_ = kernel_.node().add_port(link("eth0", kPort, kPortMac), kPortVfs, driver_);
    kernel_.node().find(index_)->link.carrier = hardware_.carrier == "1";
  }

  static Link link(const std::string& name, const std::string& parent, const MacAddress& mac) {
    Link link;
    link.name = name;
    link.mac = mac;
    link.parent_bus = "pci";
    link.parent_device = parent;
    return link;
  }

  /// The links of the port's VFs, the last byte of whose MACs is their number.
  void add_vf_links() {
    for (int i = 0; i < kPortVfs; ++i) {
      kernel_.node().add_link(link(link_name(i), SysfsTree::vf(kPort, i).to_string(), link_mac(i)));
    }
  }

  /// SysfsTree names the links of VFs that are made later after the next port.
  std::string link_name(int vf) const {
    return fmt::format("eth{}v{}", starts_with_ == 0 ? 1 : 0, vf);
  }

  static MacAddress link_mac(int vf) {
    return MacAddress({2, 0, 0, 0, 0x77, static_cast<std::uint8_t>(vf)});
  }

  FakeVf& vf(int index) { return kernel_.node().vf("eth0", index); }

  std::vector<PortOutcome> provision(VfCount count, bool dry_run = false) {
    ProvisionRule rule;
    rule.vfs = count;
    rule.spoofchk = spoofchk_;
    const Dir sysfs = tree_.root();
    const Ledger lanes = ledger();
    Provisioner provisioner({.sysfs_root = tree_.path(),
                             .state_dir = run_dir_ / "state",
                             .timeout = timeout_,
                             .dry_run = dry_run},
                            sysfs, kernel_.links(), lanes,
                            [this](const std::string& line) { drive(line); });
    auto outcomes = provisioner.run({.rules = {rule}});
    EXPECT_THAT(outcomes, IsOk());
    return *outcomes;
  }

  /// What became of the port when four VFs are asked for.
  PortOutcome provision_four() { return provision(VfCount::exactly(4)).at(0); }

  Ledger ledger() const { return Ledger::open(run_dir_.path(), "boot").value(); }

  /// Each VF to a claim of its own.
  void grant(const std::vector<std::string>& vfs) {
    std::vector<Grant> grants;
    grants.reserve(vfs.size());
    for (const std::string& vf : vfs) {
      grants.push_back(
          {.uid = "claim-" + vf, .pod_uid = "pod", .vfs = {{.vf = vf, .port = kPort}}});
    }
    ASSERT_THAT(GrantStore(run_dir_ / "state").save(grants), IsOk());
  }

  std::size_t grants() const { return GrantStore(run_dir_ / "state").peek()->size(); }

  std::vector<UnresetVf> unreset() const { return ledger().peek(kPort)->unreset; }

  /// What the driver does meanwhile.
  virtual void drive(const std::string& line) {
    lines_.push_back(line);
    if (line.find("removing") != std::string::npos && lets_go_) tree_.remove_vfs(kPort);
    if (line.find("creating") != std::string::npos && line.ends_with("VFs …")) {
      tree_.add_vfs(kPort, hardware_);
    }
  }

  void carrier(bool is_there) {
    tree_.write(SysfsTree::device(kPort) + "/net/eth0/carrier", is_there ? "1" : "0");
    kernel_.node().find(index_)->link.carrier = is_there;
  }

  std::string numvfs() {
    return *tree_.root().read(SysfsTree::device(kPort) + "/sriov_numvfs").value();
  }

  static constexpr int kPortVfs = 4;
  static constexpr MacAddress kPortMac{{0xb8, 0xce, 0xf6, 0, 0, 1}};
  SysfsTree tree_;
  TempDir run_dir_;
  FakeKernel kernel_;
  FakePort hardware_ = {.vfs = 4};  ///< The VFs are those that the driver makes.
  FakeDriver driver_;
  bool lets_go_ = true;  ///< false: VFs stay, whatever the driver answers.
  int index_ = 0;
  int starts_with_ = 0;
  bool spoofchk_ = true;
  std::chrono::milliseconds timeout_ = std::chrono::minutes(1);
  std::vector<std::string> lines_;
};

}  // namespace sluice
