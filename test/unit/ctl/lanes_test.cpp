#include "ctl/lanes.h"

#include "test/support/golden.h"
#include "test/support/result_matchers.h"
#include "test/support/temp_dir.h"

namespace sluice {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kPort = "0000:3b:00.0";
constexpr const char* kUplink = "link-eth7";

LaneRecord vf_lane() {
  LaneRecord lane;
  lane.id = "0000:3b:02.1";
  lane.provider = "vf";
  lane.number = 1;
  lane.phase = Phase::attached;
  lane.owner = {.network = "rdma-net",
                .container_id = "0123456789abcdef0123456789abcdef",
                .ifname = "net1",
                .netns = "/run/netns/p1",
                .netns_cookie = 4711,
                .pod = "ml/worker-0"};
  lane.class_name = "gold";
  lane.asked = {.floor = BitRate::gbps(40), .ceiling = {}};
  lane.in_force = {.floor = BitRate::gbps(40), .ceiling = BitRate::gbps(100)};
  lane.rdma_device = "mlx5_3";
  return lane;
}

LaneRecord soft_lane() {
  LaneRecord lane;
  lane.id = "soft-2";
  lane.provider = "soft";
  lane.number = 2;
  lane.owner.network = "soft-net";
  lane.owner.container_id = "c2";
  lane.owner.ifname = "net1";
  lane.asked = {.floor = {}, .ceiling = BitRate::mbps(500)};
  return lane;
}

class LanesTest : public testing::Test {
 protected:
  void save(const std::string& port, const std::string& driver, BitRate line_rate,
            const LaneRecord& lane) {
    const auto ledger = Ledger::open(dir_ / "run", "boot-1");
    ASSERT_THAT(ledger, IsOk());
    ASSERT_OK_AND_ASSIGN(LockedPort locked, ledger->lock(port, milliseconds(0)));
    locked.record().driver = driver;
    locked.record().line_rate = line_rate;
    locked.record().lanes = {lane};
    ASSERT_THAT(locked.save(), IsOk());
  }

  /// A VF in a pod beside a free offer, and a software lane whose uplink has no carrier.
  void fill() {
    save(kPort, "mlx5_core", BitRate::gbps(100), vf_lane());
    save(kUplink, "htb", {}, soft_lane());
    ASSERT_THAT(offers().save({{.vf = "0000:3b:02.2",
                                .port = kPort,
                                .class_name = "silver",
                                .rate = {.floor = BitRate::gbps(10), .ceiling = {}}}}),
                IsOk());
  }

  OfferStore offers() const { return OfferStore(dir_ / "lib"); }

  NodeLanes read() const {
    return read_lanes(Ledger::to_read(dir_ / "run", "boot-1"), SetAsideStore(dir_ / "lib"));
  }

  TempDir dir_;
};

TEST_F(LanesTest, TheTablesShowPortsAndLanes) {
  fill();
  EXPECT_EQ(lanes_table(read()),
            "PORT          DRIVER     RATE        PROMISED   FREE\n"
            "0000:3b:00.0  mlx5_core  100 Gbit/s  50 Gbit/s  50 Gbit/s\n"
            "eth7          htb        -           -          -\n"
            "\n"
            "PORT          LANE          PHASE     CONTAINER     INTERFACE  NETWORK   CLASS  "
            "FLOOR      CEILING     IN FORCE                ADDRESSES\n"
            "0000:3b:00.0  0000:3b:02.1  attached  0123456789ab  net1       rdma-net  gold   "
            "40 Gbit/s  -           40 Gbit/s / 100 Gbit/s  -\n"
            "eth7          soft-2        reserved  c2            net1       soft-net  -      "
            "-          500 Mbit/s  - / -                   -\n");
}

TEST_F(LanesTest, TheJsonIsAsOtherProgramsKnowIt) {
  fill();
  EXPECT_JSON_EQ_GOLDEN(lanes_json(read()), "lanes.json");
}

TEST_F(LanesTest, ALaneHasItsNetworkAndAddresses) {
  fill();
  const LeaseStore leases(dir_ / "lib");
  const Owner owner = vf_lane().owner;
  ASSERT_THAT(leases.write("rdma-net", {owner.container_id, "net1"},
                           std::vector<Lease>{
                               {.ifname = "net1",
                                .network = "rail0",
                                .conf = "{}",
                                .given = {.addresses = {IpPrefix::parse("10.1.0.2/24").value(),
                                                        IpPrefix::parse("fd00::2/64").value()}}}}),
              IsOk());
  NodeLanes node = read();
  read_leases(leases, node);
  EXPECT_THAT(lanes_table(node), HasSubstr("net1       rail0     gold "));
  EXPECT_THAT(lanes_table(node), HasSubstr("10.1.0.2/24,fd00::2/64\n"));
  EXPECT_THAT(lanes_json(node), HasSubstr(R"("network": "rail0",)"));
  EXPECT_THAT(lanes_json(node), HasSubstr(R"("fd00::2/64")"));
}

TEST_F(LanesTest, ALaneThatIsNotInItsPodIsShownAsLost) {
  LaneRecord lane = vf_lane();
  lane.lost = Lost::link;
  save(kPort, "mlx5_core", BitRate::gbps(100), lane);
  EXPECT_THAT(lanes_table(read()), HasSubstr("0000:3b:02.1  lost   0123456789ab"));
  EXPECT_THAT(lanes_json(read()), HasSubstr(R"("lost": "link")"));
}

TEST_F(LanesTest, ANodeWithoutLanesIsSaidToHaveNoneAndNothingIsCreated) {
  EXPECT_EQ(lanes_table(read()), "no lanes on this node\n");
  EXPECT_EQ(lanes_json(read()), "{\n  \"ports\": [],\n  \"problems\": []\n}\n");
  EXPECT_FALSE(dir_.has("run"));
  EXPECT_FALSE(dir_.has("lib"));
}

TEST_F(LanesTest, LanesOfAnEarlierBootAreNotShownButTheOffersAre) {
  fill();
  const NodeLanes later =
      read_lanes(Ledger::to_read(dir_ / "run", "boot-2"), SetAsideStore(dir_ / "lib"));
  EXPECT_EQ(lanes_table(later),
            "PORT          DRIVER  RATE  PROMISED   FREE\n"
            "0000:3b:00.0  -       -     10 Gbit/s  -\n"
            "\n"
            "no lanes on this node\n");
}

TEST_F(LanesTest, APortWithOffersAloneStandsAmongTheOthers) {
  fill();
  const Rate rate{.floor = BitRate::gbps(1), .ceiling = {}};
  ASSERT_THAT(offers().save({{"0000:1a:02.0", "0000:1a:00.0", "gold", rate},
                             {"0000:1a:02.1", "0000:1a:00.0", "gold", rate}}),
              IsOk());
  EXPECT_THAT(lanes_table(read()), HasSubstr("\n0000:1a:00.0  -          -           2 Gbit/s   "
                                             "-\n0000:3b:00.0  mlx5_core"));
  EXPECT_THAT(lanes_json(read()), HasSubstr(R"("port": "0000:1a:00.0",)"));
}

TEST_F(LanesTest, ADamagedFileIsNamedLeftInPlaceAndHidesNoOtherPort) {
  fill();
  dir_.write("run/ports/0000:5e:00.0.json", "{\"version\":1,");

  const NodeLanes node = read();

  EXPECT_EQ(node.ports.size(), 2U);
  EXPECT_THAT(node.problems, ElementsAre(HasSubstr("ports/0000:5e:00.0.json': not JSON")));
  EXPECT_THAT(lanes_table(node), HasSubstr("\nnot read: ledger: file '"));
  EXPECT_THAT(lanes_json(node), HasSubstr("not JSON"));
  EXPECT_TRUE(dir_.has("run/ports/0000:5e:00.0.json"));
}

TEST_F(LanesTest, DamagedOffersAreNamedAndLeftInPlace) {
  fill();
  dir_.write("lib/offers.json", "junk");

  const NodeLanes node = read();

  EXPECT_EQ(node.ports.size(), 2U);
  EXPECT_THAT(node.problems, ElementsAre(HasSubstr("offers.json': not JSON")));
  EXPECT_EQ(dir_.read("lib/offers.json"), "junk");
}

TEST_F(LanesTest, NothingButProblemsIsNotSaidToBeNoLanes) {
  fill();
  dir_.write("run/ports/0000:3b:00.0.json", "junk");
  dir_.write("run/ports/link-eth7.json", "junk");
  EXPECT_THAT(lanes_table(read()), testing::StartsWith("not read: "));
}

TEST_F(LanesTest, MoreThanTheLinePromisedLeavesNothingFree) {
  LaneRecord lane = vf_lane();
  save(kPort, "ice", BitRate::gbps(25), lane);  // The line rate fell after the promise.
  EXPECT_THAT(lanes_table(read()), HasSubstr("ice     25 Gbit/s  40 Gbit/s  0 bit/s\n"));
}

}  // namespace
}  // namespace sluice
