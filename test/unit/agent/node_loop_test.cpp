// A step of the agent, with front ends that do as they are told.
#include "agent/node_loop.h"

#include <sstream>

#include "pkg/lane/providers.h"
#include "test/fake/fake_front_end.h"
#include "test/fake/fake_kernel.h"
#include "test/support/result_matchers.h"
#include "test/support/sysfs_tree.h"
#include "test/support/temp_dir.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Optional;

constexpr const char* kPort = "0000:3b:00.0";

/// Keeps what pods are told.
class ListeningKubernetes final : public NoKubernetes {
 public:
  void tell_pod(const Owner& owner, Event::Type type, const EventText& event) override {
    told.push_back(fmt::format("{} {} {}: {}", owner.pod,
                               type == Event::Type::warning ? "warning" : "normal", event.reason,
                               event.note));
  }

  std::vector<std::string> told;
};

class NodeLoopTest : public testing::Test {
 protected:
  NodeLoopTest() {
    tree_.pf(kPort, {.vfs = 2});
    dir_.write("config.json", R"({"ports": [{"select": {}, "vfs": "leave"}]})");
    EXPECT_THAT(config_.load(), IsOk());
  }

  // net1 came into the pod ml/web-0.
  void bring_in_lane() {
    LaneRecord lane;
    lane.id = "0000:3b:02.0";
    lane.phase = Phase::attached;
    lane.owner = {.container_id = "c1", .ifname = "net1", .pod = "ml/web-0", .beside = "eth0"};
    ASSERT_OK_AND_ASSIGN(LockedPort locked, ledger_.lock(kPort, std::chrono::milliseconds(0)));
    locked.record().lanes = {lane};
    ASSERT_THAT(locked.save(), IsOk());
  }

  void lease(const std::vector<std::string>& addresses, const std::string& lacks_gids = {}) {
    LaneAddresses given;
    for (const std::string& each : addresses) {
      given.addresses.push_back(IpPrefix::parse(each).value());
    }
    const std::vector<Lease> leases = {{.ifname = "net1",
                                        .network = "rail0",
                                        .conf = "{}",
                                        .given = given,
                                        .lacks_gids = lacks_gids}};
    ASSERT_THAT(LeaseStore(dir_ / "state").write("k8s", {"c1", "eth0"}, leases), IsOk());
  }

  // Steps until the agent says so, or for so long.
  void step_until_said(const std::string& text,
                       std::chrono::milliseconds time = std::chrono::seconds(30)) {
    const auto deadline = std::chrono::steady_clock::now() + time;
    while (said_.str().find(text) == std::string::npos &&
           std::chrono::steady_clock::now() < deadline) {
      loop_.step();
    }
  }

  TempDir dir_{TempDir::kInMemory};  // As /run, of which the kernel says who has a lock.
  SysfsTree tree_;
  FakeKernel kernel_;
  Dir sysfs_{tree_.root()};
  Ledger ledger_ = *Ledger::open(dir_ / "run", "boot");
  SetAsideStore aside_{dir_ / "state"};
  LiveConfig config_{dir_ / "config.json", dir_ / "state"};
  ListeningKubernetes kubernetes_;
  Metrics metrics_;
  std::stringstream said_;
  LogOutput output_{LogLevel::info, LogFormat::text, said_};
  Probes probes_{{NodeLoop::kReady, NodeLoop::kConfigIsGood}};
  Lanes lanes_{kernel_, sysfs_, ledger_, aside_, providers(kernel_, sysfs_, ledger_)};
  Repairs repairs_{{.sysfs_root = tree_.path(),
                    .state_dir = dir_ / "state",
                    .sysfs = sysfs_,
                    .links = kernel_.links(),
                    .lanes = lanes_,
                    .ledger = ledger_,
                    .config = config_,
                    .kubernetes = kubernetes_,
                    .output = output_,
                    .metrics = metrics_}};
  FakeFrontEnd classes_{FrontEndName::classes};
  FakeFrontEnd claims_{FrontEndName::claims};
  NodeLoop loop_{{.config = config_,
                  .sysfs = sysfs_,
                  .ledger = ledger_,
                  .grants = aside_.grants,
                  .leases = LeaseStore(dir_ / "state"),
                  .kubernetes = kubernetes_,
                  .front_ends = {&classes_, &claims_},
                  .repairs = repairs_,
                  .probes = probes_,
                  .metrics = metrics_},
                 Announcer(Log(output_, "node"), kubernetes_)};
};

TEST_F(NodeLoopTest, APortThatIsLockedIsLookedAtAgainEachSecond) {
  loop_.step();
  EXPECT_FALSE(loop_.is_due());
  {
    ASSERT_OK_AND_ASSIGN(const LockedPort locked,
                         ledger_.lock(kPort, std::chrono::milliseconds(0)));
    loop_.step();
    EXPECT_TRUE(loop_.is_due());
  }
  loop_.step();
  EXPECT_FALSE(loop_.is_due());
}

TEST_F(NodeLoopTest, EveryFrontEndGoesByTheSameNode) {
  classes_.given = {"0000:3b:00.2"};
  claims_.given = {"0000:3b:00.3"};
  loop_.step();
  EXPECT_TRUE(probes_.is_ready());
  EXPECT_THAT(classes_.seen, Optional(ElementsAre("0000:3b:00.2", "0000:3b:00.3")));
  EXPECT_EQ(claims_.seen, classes_.seen);
}

TEST_F(NodeLoopTest, AFrontEndThatFailsDoesNotStopTheOthers) {
  classes_.fails_with = Error(Code::internal, "no room on the disk");
  loop_.step();
  EXPECT_EQ(claims_.steps, 1);
  EXPECT_FALSE(probes_.is_ready());
  EXPECT_THAT(said_.str(), HasSubstr("no room on the disk"));
  EXPECT_THAT(metrics_.text(), HasSubstr("sluice_port_promised_bytes_per_second{port=\""));

  classes_.fails_with.reset();
  loop_.step();
  EXPECT_TRUE(probes_.is_ready());
  EXPECT_THAT(said_.str(), HasSubstr("offers are in line again"));
}

TEST_F(NodeLoopTest, IsDueWhileOneFrontEndIs) {
  EXPECT_FALSE(loop_.is_due());
  claims_.due = true;
  EXPECT_TRUE(loop_.is_due());
}

TEST_F(NodeLoopTest, TellsALaneThatCameWithItsAddresses) {
  loop_.step();
  lease({"10.1.0.2/24"});
  bring_in_lane();
  step_until_said("lanes came");
  EXPECT_THAT(said_.str(), HasSubstr("no ceiling, 10.1.0.2/24 in network 'rail0'"));
  EXPECT_THAT(kubernetes_.told, ElementsAre(HasSubstr("ml/web-0 normal LaneAttached: net1 is VF")));
}

TEST_F(NodeLoopTest, WaitsWithALaneForItsAddresses) {
  loop_.step();
  lease({});
  bring_in_lane();
  step_until_said("lanes came", Arrivals::kGathering + std::chrono::milliseconds(200));
  EXPECT_THAT(kubernetes_.told, IsEmpty());
  EXPECT_TRUE(loop_.is_due());
  lease({"10.1.0.2/24"});
  step_until_said("lanes came");
  EXPECT_THAT(said_.str(), HasSubstr("10.1.0.2/24 in network 'rail0'"));
}

TEST_F(NodeLoopTest, WarnsOfGidsThatWereMissing) {
  loop_.step();
  lease({"10.1.0.2/24", "fd00::2/64"}, "10.1.0.2,fd00::2");
  bring_in_lane();
  step_until_said("lanes came");
  EXPECT_THAT(said_.str(), HasSubstr("a pod started without all its GIDs"));
  EXPECT_THAT(kubernetes_.told,
              ElementsAre(HasSubstr("LaneAttached"),
                          HasSubstr("ml/web-0 warning GidsMissing: a second after the addresses "
                                    "were set, the RDMA device of net1 has no RoCE v2 GID of "
                                    "10.1.0.2,fd00::2;")));
}

TEST_F(NodeLoopTest, ABadConfigurationLeavesTheLastGoodOneInForce) {
  loop_.step();
  dir_.write("config.json", "{");
  loop_.step();
  EXPECT_FALSE(probes_.is_ready());
  EXPECT_EQ(claims_.steps, 2);
  EXPECT_THAT(said_.str(), HasSubstr("the last good one stays in force"));
}

}  // namespace
}  // namespace sluice
