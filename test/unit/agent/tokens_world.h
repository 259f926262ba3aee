#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "agent/pod_lanes/in_place_lanes.h"
#include "agent/pods/tokens.h"
#include "pkg/inventory/locate_vf.h"
#include "pkg/inventory/scan.h"
#include "pkg/lane/providers.h"
#include "pkg/ledger/records.h"
#include "test/fake/fake_kubelet.h"
#include "test/fake/fake_machine.h"
#include "test/support/result_matchers.h"
#include "test/support/temp_dir.h"

namespace sluice {

/// Tokens between a kubelet and a node with one mlx5 port of four VFs, all for annotated pods.
/// Grants and lanes are made as the CNI's ADD leaves them.
class TokensWorld : public testing::Test {
 protected:
  static constexpr const char* kRdma = "sluice.dev/rdma";

  /// What acts while it is an instance's turn.
  struct Instance {
    std::unique_ptr<AllocatedVfs> allocated;
    std::unique_ptr<plugin::DevicePlugin> plugin;
    std::unique_ptr<Tokens> tokens;
  };

  TokensWorld() {
    EXPECT_EQ(machine_.port().set_vfs(4), 0);
    configure(R"("shares": {"pods": {}})");
    kubelet_.start();
    now_ = start();
    begin();
  }

  void configure(const std::string& rule, const std::string& more = "") {
    dir_.write("config.json",
               fmt::format(R"({{"ports": [{{"select": {{}}, "vfs": 4, {}}}]{}}})", rule, more));
    EXPECT_THAT(config_.current() == nullptr ? config_.load() : reloaded(), IsOk());
  }

  std::unique_ptr<Instance> start() {
    auto made = std::make_unique<Instance>();
    made->allocated = AllocatedVfs::start({kubelet_.pod_resources_socket(), dir_ / "checkpoint"},
                                          wake_, Log(output_, "holders"))
                          .value();
    plugin::Settings settings;
    settings.kubelet = {.device_plugins = kubelet_.device_plugins(),
                        .registry = kubelet_.registry()};
    settings.handover.device_info_dir.clear();
    settings.cdi_dir = dir_ / "cdi";
    made->plugin = plugin::DevicePlugin::start(settings, {}).value();
    made->tokens = std::make_unique<Tokens>(
        TokenAnswers::Parts{.resource = kRdma,
                            .lanes = {.sysfs = machine_.sysfs(),
                                      .ledger = ledger_,
                                      .grants = aside_.grants,
                                      .pod_resources = kubelet_.pod_resources_socket(),
                                      .checkpoint = dir_ / "checkpoint"},
                            .cdi_dir = dir_ / "cdi",
                            .memlock_hook = "/opt/cni/bin/sluice-memlock",
                            .config = config_,
                            .allocated = *made->allocated},
        *made->plugin, Log(output_, "pods"));
    return made;
  }

  /// An instance of the agent dies, and the next one starts.
  void restart() {
    now_.reset();
    now_ = start();
    begin();
  }

  void begin() {
    EXPECT_THAT(now_->plugin->publish(std::make_shared<const plugin::DeviceSnapshot>()), IsOk());
    EXPECT_TRUE(
        kubelet_.wait([&] { return now_->allocated->vfs(*config_.current()).has_value(); }));
    step();
  }

  bool is_offered() { return kubelet_.wait_healthy(kRdma, plugin::kTokens); }

  NodeState node() const {
    NodeState node;
    node.config = config_.current();
    node.inventory = scan(machine_.sysfs()).value();
    node.grants = aside_.grants.peek().value();
    node.given = now_->allocated->vfs(*node.config);
    return node;
  }

  void step() { EXPECT_THAT(now_->tokens->reconcile(node()), IsOk()); }

  /// The kubelet admits a pod; the answer is its token. Pods that have ended leave the checkpoint.
  std::string admit(const std::string& pod, const std::string& uid) {
    const auto tokens = kubelet_.admit(pod, kRdma, 1);
    EXPECT_THAT(tokens, IsOk());
    if (!tokens) return "";
    keep(uid, tokens->front());
    return tokens->front();
  }

  /// The same with the token that another pod had.
  void admit_with(const std::string& pod, const std::string& uid, const std::string& token) {
    EXPECT_THAT(kubelet_.admit_with(pod, kRdma, {token}), IsOk());
    keep(uid, token);
  }

  /// The checkpoint says that the token is this pod's.
  void keep(const std::string& uid, const std::string& token) {
    kept_[token] = uid;
    std::string entries;
    for (const auto& [id, of] : kept_) {
      entries += fmt::format(
          R"({}{{"PodUID":"{}","ContainerName":"main","ResourceName":"{}","DeviceIDs":{{"-1":["{}"]}}}})",
          entries.empty() ? "" : ",", of, kRdma, id);
    }
    dir_.write("checkpoint", R"({"Data":{"PodDeviceEntries":[)" + entries + "]}}");
  }

  /// The kubelet says that the pod's containers have ended, and the agent, which knew that it was
  /// there, has heard of it.
  void end(const std::string& pod, const std::string& token) {
    const int before = kubelet_.times_listed();
    EXPECT_TRUE(kubelet_.wait([&] {
      now_->allocated->notice();
      return kubelet_.times_listed() >= before + 2;  // What the first one said is taken in.
    }));
    kubelet_.remove(pod);
    EXPECT_TRUE(kubelet_.wait([&] {
      now_->allocated->notice();
      return now_->allocated->unless_held({kRdma, token}, [] {});
    }));
  }

  static std::string vf(int index) { return FakeMachine::vf(index).to_string(); }

  std::vector<std::string> chars_of(int index) const {
    return locate_vf(machine_.sysfs(), FakeMachine::vf(index)).value().char_devices;
  }

  /// The pod is granted these VFs by its annotation.
  void grant(const std::string& pod, const std::string& uid, const std::vector<int>& vfs) {
    std::vector<Grant> grants = aside_.grants.peek().value();
    Grant made{.uid = uid, .kind = Grant::Kind::pod, .name = pod, .pod_uid = uid};
    for (const int index : vfs) {
      made.vfs.push_back({.vf = vf(index),
                          .port = FakeMachine::kPort,
                          .request = fmt::format("lane-{}", index),
                          .rate = kRate,
                          .char_devices = chars_of(index)});
    }
    grants.push_back(made);
    EXPECT_THAT(aside_.grants.save(grants), IsOk());
  }

  void attach(const std::string& uid, const std::vector<int>& vfs) {
    const std::string path = "/run/netns/" + uid;
    FakeNode& node = machine_.kernel().node();
    const auto known = node.netns_at(path);
    const std::uint64_t cookie = known ? *known : node.add_netns(path);
    for (const int index : vfs) {
      LaneRequest request = request_for(uid, index);
      request.owner.netns = path;
      EXPECT_THAT(lanes_.attach(request, NetNs::fake(cookie)), IsOk());
    }
  }

  /// The same of a pod on the host's network.
  void attach_in_place(const std::string& uid, const std::vector<int>& vfs) {
    for (const int index : vfs) {
      EXPECT_THAT(lanes_.attach_in_place(request_for(uid, index)), IsOk());
    }
  }

  void detach(const std::string& uid, int index) {
    EXPECT_THAT(lanes_.detach({uid, fmt::format("net{}", index)}, vf(index)), IsOk());
  }

  /// A pod with a token, and with lanes of these VFs by annotation, attached. The answer: its
  /// token.
  std::string pod_with_lanes(const std::string& pod, const std::string& uid,
                             const std::vector<int>& vfs) {
    std::string token = admit(pod, uid);
    grant(pod, uid, vfs);
    attach(uid, vfs);
    return token;
  }

  Result<> start_container(const std::string& token) { return kubelet_.pre_start(kRdma, {token}); }

  bool has_file(const std::string& token) const {
    return dir_.has("cdi/sluice.dev-rdma_" + token + ".json");
  }

  /// The file as a runtime reads it; empty: none.
  std::string file(const std::string& token) const {
    return has_file(token) ? dir_.read("cdi/sluice.dev-rdma_" + token + ".json") : "";
  }

  static constexpr Rate kRate{BitRate::gbps(10), BitRate::gbps(20)};

  TempDir dir_;
  FakeMachine machine_{driver_model("mlx5")};
  std::stringstream said_;
  LogOutput output_{LogLevel::info, LogFormat::text, said_};
  EventFd wake_ = *EventFd::open();
  LiveConfig config_{dir_ / "config.json", dir_ / "lib", "n"};
  Ledger ledger_ = *Ledger::open(dir_ / "run", "boot-1");
  SetAsideStore aside_{dir_ / "lib"};
  Lanes lanes_{machine_.kernel(), machine_.sysfs(), ledger_, aside_,
               providers(machine_.kernel(), machine_.sysfs(), ledger_)};
  FakeKubelet kubelet_{dir_ / "kubelet", FakeKubelet::Registry::watched};
  std::map<std::string, std::string> kept_;  // Token -> UID
  std::unique_ptr<Instance> now_;

 private:
  static LaneRequest request_for(const std::string& uid, int index) {
    LaneRequest request;
    request.made_of = OfVf{FakeMachine::vf(index)};
    request.owner.container_id = uid;
    request.owner.ifname = fmt::format("net{}", index);
    request.owner.pod_uid = uid;
    return request;
  }

  Result<> reloaded() {
    TRY(config_.reload());
    return {};
  }
};

}  // namespace sluice
