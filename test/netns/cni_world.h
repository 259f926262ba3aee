#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cni/plugin_process.h"
#include "pkg/ledger/ledger.h"
#include "pkg/netlink/live_kernel.h"
#include "test/netns/fresh_netns.h"
#include "test/support/result_matchers.h"
#include "test/support/sysfs_tree.h"
#include "test/support/temp_dir.h"
#include "test/support/test_ipam.h"

namespace sluice::cni {

/// The attachment a call is about.
struct Who {
  std::string container;
  std::string netns;  ///< A path, or empty.
  std::string ifname = "net1";
};

/// A node in a network namespace of its own, and the plugin run there as a container runtime runs
/// it: its own process, all it needs to know in the environment and on standard input.
///
/// The node has a port with four VFs in a sysfs tree, whose links are ends of veth pairs in the
/// kernel ("pf0", "pf0v0" …); the port's driver has no VF operations. It also has "uplink0" to a
/// switch, for software lanes. Pods are fresh namespaces.
class CniWorld : public testing::Test {
 protected:
  static constexpr const char* kPort = "0000:af:00.0";

  CniWorld();

  /// `variables` go before what every call has.
  PluginExit call(const std::string& command, const Who& who, const std::string& conf,
                  const std::vector<std::string>& variables = {});

  /// call(), which has to succeed without a word.
  void expect_silent_success(const std::string& command, const Who& who, const std::string& conf);

  /// Runs a shell script in the node's namespace, and returns its exit status and output.
  PluginExit shell(const std::string& body);

  /// The configuration for a VF; `more` is further keys, with a comma before each.
  static std::string conf(int vf, const std::string& more = {});

  static std::string vf(int index) { return SysfsTree::vf(kPort, index).to_string(); }

  /// Where the plugin finds the namespace.
  static std::string path_of(const NetNs& netns);

  static std::optional<Link> link_in(const NetNs& netns, const std::string& name);

  /// The VF is at home under its own name, down, with its own MAC and MTU.
  void expect_free(int vf);

  /// Containers with a lane on any port, in the order of the records.
  std::vector<std::string> owners();

  /// Nothing of any lane in the kernel and the run directory.
  void expect_nothing_left();

  static constexpr const char* kWithIpam = R"(,"ipam":{"type":"test-ipam"})";

  const NetNs host_ = fresh_netns().value();
  const NetNs switch_ = fresh_netns().value();
  std::optional<NetNs> pod_ = fresh_netns().value();
  const NetNs other_pod_ = fresh_netns().value();
  const Who c1_{.container = "c1", .netns = path_of(*pod_)};
  const Who c2_{.container = "c2", .netns = path_of(other_pod_)};
  TempDir dir_;
  SysfsTree tree_;
  TestIpam ipam_{dir_.path()};
  std::unique_ptr<LiveKernel> kernel_;
  std::vector<Link> links_;     ///< Of the node, when nothing has been given away.
  std::vector<Qdisc> shaping_;  ///< Of uplink0, likewise.
  std::string plugin_ = SLUICE_CNI_PROGRAM;
};

/// The code of an error object; 0 where there is none.
int code_of(const PluginExit& exit);

}  // namespace sluice::cni
