#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "agent/pods/host_pods.h"
#include "pkg/lane/providers.h"
#include "pkg/ledger/set_aside.h"
#include "test/fake/fake_machine.h"
#include "test/support/result_matchers.h"
#include "test/support/temp_dir.h"

namespace sluice {

/// Keeps what pods are told, as "ml/trainer LanesRefused: …".
class ToldPods final : public NoKubernetes {
 public:
  void tell_pod(const Owner& owner, Event::Type /*type*/, const EventText& event) override {
    told.push_back(fmt::format("{} {}: {}", owner.pod, event.reason, event.note));
  }

  std::vector<std::string> told;
};

/// Annotated pods on the host's network, on a node with one mlx5 port of four VFs: 40 of its 100
/// Gbit/s are for pods. The test has the clock, and shows the pods. The pod is "ml/trainer".
class HostPodsWorld : public testing::Test {
 protected:
  HostPodsWorld() {
    EXPECT_EQ(machine_.port().set_vfs(4), 0);
    std::filesystem::create_directories(dir_ / "proc/1");
    configure(R"({"pods": {"bandwidth": "40%"}})");
    start();
  }

  void configure(const std::string& shares, const std::string& more = "") {
    dir_.write("config.json", R"({"ports": [{"select": {}, "vfs": 4, "shares": )" + shares +
                                  R"(}], "classes": [])" + more + "}");
    EXPECT_THAT(config_.load(), IsOk());
  }

  /// The agent starts, again where it ran before; it knows no pod yet.
  void start() {
    ledger_ = *Ledger::open(dir_ / "run", boot_);
    lanes_ = std::make_unique<Lanes>(machine_.kernel(), machine_.sysfs(), ledger_, aside_,
                                     providers(machine_.kernel(), machine_.sysfs(), ledger_));
    in_place_ = std::make_unique<InPlaceLanes>(*lanes_);
    host_lanes_ = std::make_unique<HostPodLanes>(
        HostPodLanes::Parts{.lanes = *in_place_, .ledger = ledger_, .proc = dir_ / "proc"});
    grants_made_ = std::make_unique<PodGrants>(book_, reports_);
    host_pods_ = std::make_unique<HostPods>(HostPods::Parts{.book = book_,
                                                            .grants = *grants_made_,
                                                            .lanes = *host_lanes_,
                                                            .turns = turns_,
                                                            .reports = reports_,
                                                            .config = config_,
                                                            .ledger = ledger_});
  }

  static HostPod pod(const Annotations& annotations, const std::string& name = "trainer") {
    return {.id = {.name_space = "ml", .name = name, .uid = "uid-" + name},
            .facts = {.uid = "uid-" + name, .on_host_network = true, .annotations = annotations}};
  }

  /// One that asks by kLanesAnnotation.
  static HostPod asking(const std::string& lanes, const std::string& name = "trainer") {
    return pod({{std::string(kLanesAnnotation), lanes}}, name);
  }

  /// The API server shows these and no others.
  void show(std::vector<HostPod> pods) { host_pods_->list(std::move(pods)); }

  void look(int second) { host_pods_->look(start_ + std::chrono::seconds(second)); }

  /// The pod's sandbox, or what is left of it.
  void process_of(const std::string& pod_uid) const {
    std::filesystem::create_directories(dir_ / "proc/7");
    dir_.write("proc/7/cgroup", "0::/kubepods/pod" + pod_uid + "/c1\n");
  }

  void no_process() const { std::filesystem::remove_all(dir_ / "proc/7"); }

  std::vector<Grant> grants() const { return aside_.grants.peek().value(); }

  std::vector<LaneRecord> recorded() const {
    const std::vector<PortRecord> records = read_records(ledger_).value();
    return records.empty() ? std::vector<LaneRecord>() : records[0].lanes;
  }

  Rate rate(int vf) { return machine_.port().vf(vf).info.rate.value_or(Rate()); }

  static std::string vf(int index) { return FakeMachine::vf(index).to_string(); }

  /// No lane, and no VF with a rate.
  void expect_no_lanes() {
    EXPECT_THAT(recorded(), testing::IsEmpty());
    for (int vf = 0; vf < 4; ++vf) EXPECT_EQ(rate(vf), Rate()) << vf;
  }

  static constexpr Rate kRate{BitRate::gbps(10), BitRate::gbps(20)};
  static constexpr const char* kTwo = R"([{"floor": "10G", "ceiling": "20G", "count": 2}])";

  const HostPods::Clock::time_point start_ = HostPods::Clock::now();
  TempDir dir_;
  FakeMachine machine_{driver_model("mlx5")};
  std::stringstream said_;
  LogOutput output_{LogLevel::info, LogFormat::text, said_};
  Metrics metrics_;
  ToldPods kubernetes_;
  Probes probes_{std::vector<std::string>()};
  LiveConfig config_{dir_ / "config.json", dir_ / "lib", "n"};
  std::string boot_ = "boot-1";
  Ledger ledger_ = *Ledger::open(dir_ / "run", boot_);
  SetAsideStore aside_{dir_ / "lib"};
  Turns turns_;
  PodReports reports_{{Log(output_, "pods"), kubernetes_}, metrics_, probes_};
  PodBook book_{{.sysfs = machine_.sysfs(), .ledger = ledger_, .aside = aside_, .config = config_}};
  std::unique_ptr<Lanes> lanes_;
  std::unique_ptr<InPlaceLanes> in_place_;
  std::unique_ptr<HostPodLanes> host_lanes_;
  std::unique_ptr<PodGrants> grants_made_;
  std::unique_ptr<HostPods> host_pods_;
};

}  // namespace sluice
