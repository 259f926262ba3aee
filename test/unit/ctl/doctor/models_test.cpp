// A trial on the model of each driver: what a user of that NIC is told.
#include <map>
#include <string>
#include <vector>

#include "ctl/doctor/trial.h"
#include "test/fake/fake_frame_sockets.h"
#include "test/fake/fake_machine.h"
#include "test/support/result_matchers.h"
#include "test/support/temp_dir.h"

namespace sluice {
namespace {

using std::chrono::milliseconds;

constexpr const char* kPod = "/run/netns/pod";

/// A node with one port of a model and four VFs, and a trial of the first.
class DoctorOn : public testing::TestWithParam<std::string> {
 protected:
  DoctorOn() {
    EXPECT_EQ(machine_.port().set_vfs(4), 0);
    machine_.port().settle();
    machine_.port().restore_carrier();
    if (machine_.model().driver.fresh_without_mac) give_mac();
    frames_.sends = [this] { return machine_.port().can_send(0); };
    frames_.receives = [this] { return machine_.port().can_receive(0); };
  }

  /// As provisioning does for VFs that have none.
  void give_mac() {
    const VfSettings mac{.mac = MacAddress({2, 0, 0, 0, 0, 1})};
    EXPECT_THAT(machine_.kernel().links().set_vf(machine_.port().port().link.index, 0, mac),
                IsOk());
    machine_.port().settle();
  }

  std::map<std::string, Finding> run() {
    std::map<std::string, Finding> found;
    const auto subject =
        examine(machine_.kernel(), machine_.sysfs(), ledger_, aside_, FakeMachine::vf(0));
    EXPECT_THAT(subject, IsOk());
    if (!subject) return found;
    const NetNs pod = NetNs::fake(machine_.node().add_netns(kPod));
    Trial trial({machine_.kernel(), machine_.sysfs(), ledger_, aside_, frames_}, *subject, pod,
                kPod, {milliseconds(0), milliseconds(0), milliseconds(10), milliseconds(100)});
    run_trial(trial, [&](const StepResult& step) { found[step.step] = step.finding; });
    return found;
  }

  FakeMachine machine_{driver_model(GetParam())};
  TempDir dir_;
  Ledger ledger_ = *Ledger::open(dir_ / "run", "boot-1");
  SetAsideStore aside_{dir_ / "lib"};
  FakeFrameSockets frames_{machine_.node(), machine_.port().port().link.name, 0};
};

using Verdicts = std::map<std::string, Verdict>;

constexpr Verdict kUntried = Verdict::untried;
constexpr Verdict kRefused = Verdict::refused;

// Frames of VFs go where rules send them.
const Verdicts kSwitchdev = {
    {"frames-out", kUntried}, {"frames-in", kUntried}, {"shaping", kUntried}};

/// What is not kept on a model's port.
Verdicts exceptions_of(const std::string& model) {
  Verdicts verdicts = model.ends_with("_switchdev") ? kSwitchdev : Verdicts();
  if (!driver_model(model).driver.rdma) verdicts["rdma"] = kUntried;
  if (model == "mlx5_switchdev") {
    for (const char* const step : {"vlan", "spoofchk", "trust", "link-state"}) {
      verdicts[step] = kRefused;
    }
  }
  if (model == "netdevsim_switchdev") verdicts["spoofchk"] = kUntried;
  if (model == "ipoib") {
    for (const char* const step : {"mac", "frames-out", "frames-in"}) verdicts[step] = kUntried;
    for (const char* const step : {"vlan", "spoofchk", "trust", "ceiling", "shaping", "floor"}) {
      verdicts[step] = kRefused;
    }
  }
  if (model == "igb") verdicts["link-state"] = kRefused;
  if (model == "ixgbe") verdicts["link-state"] = kRefused;  // It would do nothing for "enable".
  return verdicts;
}

TEST_P(DoctorOn, FindsWhatTheDriverDoes) {
  const Verdicts exceptions = exceptions_of(GetParam());
  const std::map<std::string, Finding> found = run();
  EXPECT_EQ(found.size(), trial_steps().size());
  for (const auto& [step, finding] : found) {
    const auto exception = exceptions.find(step);
    const Verdict wanted = exception != exceptions.end() ? exception->second : Verdict::kept;
    EXPECT_EQ(to_string(finding.verdict), to_string(wanted)) << step << ": " << finding.answer;
  }
  EXPECT_THAT(ledger_.peek(FakeMachine::kPort)->lanes, testing::IsEmpty());
}

TEST_P(DoctorOn, DoesNotTakeAMissingCarrierForABrokenPromise) {
  machine_.port().lose_carrier();
  for (const auto& [step, finding] : run()) {
    const bool is_rate = step == "ceiling" || step == "floor" || step == "shaping";
    if (!is_rate || finding.verdict != Verdict::not_kept) continue;
    ADD_FAILURE() << step << ": " << finding.answer;
  }
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const DriverModel& model : driver_models()) all.emplace_back(model.name);
  return all;
}

INSTANTIATE_TEST_SUITE_P(Models, DoctorOn, testing::ValuesIn(names()),
                         [](const auto& model) { return model.param; });

}  // namespace
}  // namespace sluice
