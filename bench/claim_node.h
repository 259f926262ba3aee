#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "bench/daemon.h"
#include "pkg/kube/api_client.h"
#include "test/fake/fake_api_server.h"
#include "test/fake/fake_kubelet.h"
#include "test/support/sysfs_tree.h"
#include "test/support/temp_dir.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace sluice::bench {

/// A node with 256 VFs for claims on eight ports, its kubelet and its API server, in a directory
/// that goes with them; the node agent is a program on it.
class ClaimNode {
 public:
  static constexpr int kPorts = 8;
  static constexpr int kVfsPerPort = 32;

  explicit ClaimNode(std::string program);
  ClaimNode(const ClaimNode&) = delete;
  ClaimNode& operator=(const ClaimNode&) = delete;
  ~ClaimNode();

  /// Starts the agent, again where it runs. Seconds from before the program until the server has
  /// the slices, or is known to have them.
  Result<double> start();

  /// How often slices were written so far.
  std::size_t writes() const;

  /// A claim of `lanes` lanes on the port; its UID.
  std::string make_claim(const std::string& name, int lanes, int port);

  /// As the kubelet asks for it.
  Result<> prepare(const std::string& name, const std::string& uid);
  Result<> unprepare(const std::string& name, const std::string& uid);

  /// Seconds that the API server takes for the two objects that a Prepare reads.
  Result<double> ask_server(const std::string& name);

  const Daemon& daemon() const { return *daemon_; }

  /// How many files claims, the ledger and the state have.
  std::size_t files() const;

 private:
  std::size_t times_published() const;
  Result<std::shared_ptr<grpc::Channel>> channel();

  TempDir files_{TempDir::kInMemory};
  SysfsTree tree_;
  std::string program_;
  FakeApiServer api_;
  FakeKubelet kubelet_;
  ApiClient client_{ClusterAccess{.server = api_.url()}};
  std::optional<Daemon> daemon_;
  std::shared_ptr<grpc::Channel> channel_;  // To the daemon's present socket.
};

}  // namespace sluice::bench
