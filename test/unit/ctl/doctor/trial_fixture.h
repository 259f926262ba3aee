#pragma once

#include <map>
#include <string>
#include <vector>

#include "ctl/doctor/trial.h"
#include "test/fake/fake_frame_sockets.h"
#include "test/unit/lane/node_fixture.h"

namespace sluice {

/// Trials of VF 0 of the fixture's port, in the namespace at /run/netns/p1.
class TrialTest : public NodeTest {
 protected:
  TrialTest() { prepare("mlx5_core", "100000", {}); }

  /// A node with one port, its VFs at baseline as the agent leaves them.
  void prepare(const std::string& driver, const std::string& mbps, FakeDriver behaviour) {
    plug(driver, mbps, behaviour);
    kernel->node().find("eth0")->link.mac = MacAddress({2, 0, 0, 0, 1, 0});
    kernel->node().vf("eth0", 0).info = {.index = 0,
                                         .vlan = VlanTag{},
                                         .rate = Rate{},
                                         .spoofchk = true,
                                         .trust = false,
                                         .link_state = VfLinkState::automatic};
    frames = std::make_unique<FakeFrameSockets>(kernel->node(), "eth0", 0);
  }

  Result<Subject> look(int index = 0) {
    return examine(*kernel, *sysfs, *ledger, *aside, SysfsTree::vf(kPort, index));
  }

  /// All steps of a trial.
  std::vector<StepResult> run() {
    const Result<Subject> subject = look();
    EXPECT_THAT(subject, IsOk());
    if (!subject) return {};
    facts = subject->facts;
    using std::chrono::milliseconds;
    const TrialTimes times{.timeout = milliseconds(0),
                           .carrier = milliseconds(0),
                           .frames = milliseconds(10),
                           .measure = milliseconds(100)};
    const NetNs pod = NetNs::fake(netns("p1"));
    Trial trial({*kernel, *sysfs, *ledger, *aside, *frames}, *subject, pod, "/run/netns/p1", times);
    std::vector<StepResult> steps;
    run_trial(trial, [&](const StepResult& step) { steps.push_back(step); });
    return steps;
  }

  /// A trial's findings by step.
  std::map<std::string, Finding> findings() {
    std::map<std::string, Finding> found;
    for (const StepResult& step : run()) found[step.step] = step.finding;
    return found;
  }

  /// A request whose line has `text` is refused, alone and together with others.
  void refuse(const std::string& text, int error) {
    for (int i = 0; i < 2; ++i) {
      kernel->log().fail_on(text, Error::from_errno(error, "set VF 0 of link 2"));
    }
  }

  std::unique_ptr<FakeFrameSockets> frames;
  TrialFacts facts;
};

}  // namespace sluice
