#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bench/pod.h"
#include "pkg/base/pci_address.h"
#include "pkg/netlink/live_kernel.h"
#include "test/support/sysfs_tree.h"
#include "test/support/temp_dir.h"

namespace sluice::bench {

/// A VF that becomes a lane.
struct Candidate {
  PciAddress vf;
  std::string link;  ///< Its name at home.
};

/// One call of a CNI plugin.
struct CniCall {
  std::string command;
  std::string container;
  std::string ifname;
  std::string conf;
};

/// A node as a CNI plugin finds it, and a pod "default/bench" that is to have lanes.
class Node {
 public:
  /// In a network namespace that this process has from now on: ends of veth pairs are the VFs of a
  /// port in a sysfs of files. Its driver is one without VF operations, for a veth has none: what
  /// is measured is the way there and back.
  static Result<std::unique_ptr<Node>> with_veths(int vfs);

  /// The VFs of the first port of LAB_PORTS.
  static Result<std::unique_ptr<Node>> of_lab();

  const std::string& port() const { return port_; }

  const std::vector<Candidate>& vfs() const { return vfs_; }

  std::string run_dir() const { return files_ / "run"; }

  std::string state_dir() const { return files_ / "state"; }

  const std::string& sysfs_root() const { return sysfs_root_; }

  /// The name that move_in() gives.
  static std::string name_in_pod(std::size_t vf) { return fmt::format("net{}", vf); }

  /// Nothing but the kernel's move of a link into the pod, and back.
  Result<> move_in(std::size_t vf) const;
  Result<> move_home(std::size_t vf) const;

  /// Runs the plugin as a container runtime does; an Error unless it succeeds.
  Result<> call(const std::string& plugin, const CniCall& call) const;

 private:
  Node(Pod pod, std::unique_ptr<LiveKernel> kernel, NetNs netns)
      : pod_(std::move(pod)), kernel_(std::move(kernel)), netns_(std::move(netns)) {}

  static Result<std::unique_ptr<Node>> make();
  Result<> add_veths(int vfs);

  TempDir files_{TempDir::kInMemory};
  std::unique_ptr<SysfsTree> tree_;  // Null in the lab.
  std::string sysfs_root_ = "/sys";
  Pod pod_;
  std::unique_ptr<LiveKernel> kernel_;
  NetNs netns_;  // The pod's.
  std::string port_;
  std::vector<Candidate> vfs_;
};

}  // namespace sluice::bench
