// What the repairs could not put right, as a step shows it to the front ends.
#include <sstream>
#include <thread>

#include "agent/node_loop.h"
#include "test/fake/fake_front_end.h"
#include "test/unit/lane/node_fixture.h"

namespace sluice {
namespace {

using testing::HasSubstr;

class NodeLoopDriftTest : public NodeTest {
 protected:
  NodeLoopDriftTest() {
    dir.write("config.json", R"({"ports": [{"select": {}, "vfs": "leave"}]})");
    EXPECT_THAT(config_.load(), IsOk());
  }

  // A lane whose rate is another, on a port that takes none now.
  void drift() {
    LaneRequest wanted = request(0);
    wanted.ceiling = BitRate::gbps(2);
    ASSERT_THAT(attach(wanted), IsOk());
    kernel->node().vf("eth0", 0).info.rate = Rate{.floor = {}, .ceiling = BitRate::mbps(1)};
    for (int i = 0; i < 1000; ++i) kernel->log().fail_on("rate", Error::from_errno(EIO, "set"));
  }

  LiveConfig config_{dir / "config.json", dir / "state"};
  NoKubernetes kubernetes_;
  Metrics metrics_;
  std::stringstream said_;
  LogOutput output_{LogLevel::error, LogFormat::text, said_};
  Probes probes_{{NodeLoop::kReady, NodeLoop::kConfigIsGood}};
  FakeFrontEnd claims_{FrontEndName::claims};
};

TEST_F(NodeLoopDriftTest, K7_AFrontEndSeesWhatCouldNotBePutRightAndAtOnce) {
  drift();
  Repairs repairs({.sysfs_root = tree->path(),
                   .state_dir = dir / "state",
                   .sysfs = *sysfs,
                   .links = kernel->links(),
                   .lanes = *lanes,
                   .ledger = *ledger,
                   .config = config_,
                   .kubernetes = kubernetes_,
                   .output = output_,
                   .metrics = metrics_});
  NodeLoop loop({.config = config_,
                 .sysfs = *sysfs,
                 .ledger = *ledger,
                 .grants = aside->grants,
                 .leases = LeaseStore(dir / "state"),
                 .kubernetes = kubernetes_,
                 .front_ends = {&claims_},
                 .repairs = repairs,
                 .probes = probes_,
                 .metrics = metrics_},
                Announcer(Log(output_, "node"), kubernetes_));
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!loop.is_due() && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  ASSERT_TRUE(loop.is_due());

  loop.step();
  EXPECT_FALSE(loop.is_due());
  ASSERT_EQ(claims_.seen_unrepaired.size(), 1U);
  EXPECT_THAT(claims_.seen_unrepaired[0].drift, HasSubstr("2 Gbit/s"));
}

}  // namespace
}  // namespace sluice
