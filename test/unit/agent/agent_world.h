#pragma once

#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "pkg/http/client.h"
#include "pkg/ledger/offers.h"
#include "pkg/ledger/record.h"
#include "pkg/netlink/netns.h"
#include "test/fake/fake_kubelet.h"
#include "test/support/child_process.h"
#include "test/support/kubeconfig.h"
#include "test/support/result_matchers.h"
#include "test/support/sysfs_tree.h"
#include "test/support/temp_dir.h"

namespace sluice {

/// A node for the program itself: a kubelet, a sysfs of files with one port of four VFs, and a
/// ConfigMap.
class AgentWorld : public testing::Test {
 protected:
  explicit AgentWorld(FakeKubelet::Release release = FakeKubelet::Release::v1_37)
      : kubelet_(dir_ / "kubelet", FakeKubelet::Registry::watched, release) {
    tree_.pf("0000:3b:00.0", {.vfs = 4});
    std::filesystem::create_directory(dir_ / "config");
    kubelet_.start();
  }

  /// As kubelet swaps a ConfigMap: a new directory, and one link that is moved onto the old one.
  void deploy(const std::string& config) {
    const std::string version = fmt::format("..{}", ++version_);
    std::filesystem::create_directory(dir_ / "config" + "/" + version);
    dir_.write("config/" + version + "/config.json", config);
    std::filesystem::create_directory_symlink(version, dir_ / "config/..data_tmp");
    std::filesystem::rename(dir_ / "config/..data_tmp", dir_ / "config/..data");
    if (version_ == 1) {
      std::filesystem::create_symlink("..data/config.json", dir_ / "config/config.json");
    }
  }

  std::unique_ptr<ChildProcess> start(const std::vector<std::string>& more = {}) {
    std::vector<std::string> command = {SLUICED,
                                        "run",
                                        "--config",
                                        dir_ / "config/config.json",
                                        "--sysfs-root",
                                        tree_.path(),
                                        "--run-dir",
                                        dir_ / "run",
                                        "--state-dir",
                                        dir_ / "state",
                                        "--kubelet-dir",
                                        dir_ / "kubelet",
                                        "--cdi-dir",
                                        dir_ / "cdi",
                                        "--device-info-dir",
                                        dir_ / "devinfo",
                                        "--http-port",
                                        "0"};
    command.insert(command.end(), more.begin(), more.end());
    return std::make_unique<ChildProcess>(command);
  }

  /// Access to an API server, as "kubeconfig" in the directory.
  void write_kubeconfig(const std::string& server) const {
    dir_.write("kubeconfig", kubeconfig_of(server));
  }

  /// What the agent's server answers; its address is in the last line that says that it runs.
  static HttpAnswer get(ChildProcess& agent, const std::string& path) {
    if (agent.said().find("running http=") == std::string::npos) {
      agent.wait_for_line("running http=");
    }
    const std::string& said = agent.said();
    const auto begin = said.rfind("running http=") + 13;
    const std::string url = "http://" + said.substr(begin, said.find(' ', begin) - begin) + path;
    HttpClient client({}, "test");
    auto answer = client.send({.method = "GET", .url = url});
    return answer ? *answer : HttpAnswer{};
  }

  /// Whether the agent's metrics come to contain `text`.
  bool wait_for_metric(ChildProcess& agent, const std::string& text) {
    return kubelet_.wait(
        [&] { return get(agent, "/metrics").body.find(text) != std::string::npos; });
  }

  /// The namespace of this process, which is there as long as the test runs: a lane whose namespace
  /// is gone is released.
  static void live_here(Owner& owner) {
    owner.netns = fmt::format("/proc/{}/ns/net", ::getpid());
    if (const auto own = NetNs::open(owner.netns); own && *own) {
      owner.netns_cookie = (*own)->cookie();
    }
  }

  std::vector<Offer> offers() const { return *OfferStore(dir_ / "state").peek(); }

  /// The VFs offered under the class, by state.
  std::vector<std::string> offered(const std::string& class_name, OfferState state) const {
    std::vector<std::string> vfs;
    for (const Offer& offer : offers()) {
      if (offer.class_name == class_name && offer.state == state) vfs.push_back(offer.vf);
    }
    return vfs;
  }

  TempDir dir_;
  SysfsTree tree_;
  FakeKubelet kubelet_;
  int version_ = 0;
};

}  // namespace sluice
