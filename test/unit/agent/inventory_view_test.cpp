// What the agent answers people and the papers' clients of its ports.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include "agent/published/getpfs.h"
#include "agent/published/ports_view.h"
#include "pkg/config/config.h"
#include "pkg/inventory/scan.h"
#include "pkg/placement/node_ports_json.h"
#include "test/fake/fake_machine.h"
#include "test/support/golden.h"
#include "test/support/result_matchers.h"

namespace sluice {
namespace {

using Json = nlohmann::json;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kPort = FakeMachine::kPort;

/// A port of a driver model with six VFs: 0 is offered, 1 offered and taken, 2 granted to a claim,
/// 3 a network attachment's, and two are free.
class InventoryView : public testing::Test {
 protected:
  explicit InventoryView(const char* model = "mlx5") : machine_(driver_model(model)) {
    EXPECT_EQ(machine_.port().set_vfs(6), 0);
    node_.config =
        std::make_shared<const Config>(parse_config(R"({"ports": [{"select": {}, "vfs": 6,
                                    "shares": {"classes": {"vfs": 2, "bandwidth": "30%"},
                                               "claims": {"vfs": 1, "bandwidth": "30%"},
                                               "pods": {}}}],
                         "classes": [{"name": "gold", "floor": "100M", "ceiling": "200M"}],
                         "networks": [{"name": "front"},
                                      {"name": "storage", "select": {"vfs": "3-5"}}]})")
                                           .config);
    look();
    aside_.offers = {offer(0), offer(1)};
    aside_.grants = {{.uid = "claim",
                      .name = "ml/train",
                      .pod_uid = "p2",
                      .vfs = {{.vf = vf(2), .port = kPort, .rate = {BitRate::mbps(150), {}}}}}};
    node_.after = {{.port = kPort, .driver = port().driver}};
    lane(1, "p1", "ml/served").class_name = "gold";
    lane(3, "p3", "ml/attached").asked = {BitRate::mbps(50), BitRate::mbps(60)};
  }

  static std::string vf(int index) { return FakeMachine::vf(index).to_string(); }

  static Offer offer(int index) {
    return {.vf = vf(index),
            .port = kPort,
            .class_name = "gold",
            .rate = {BitRate::mbps(100), BitRate::mbps(200)}};
  }

  LaneRecord& lane(int index, const std::string& pod_uid, const std::string& pod) {
    LaneRecord made;
    made.id = vf(index);
    made.number = index;
    made.phase = Phase::attached;
    made.owner.ifname = "net1";
    made.owner.pod_uid = pod_uid;
    made.owner.pod = pod;
    return node_.after.at(0).lanes.emplace_back(std::move(made));
  }

  void look() { node_.inventory = scan(machine_.sysfs()).value(); }

  Port& port() { return node_.inventory.ports.at(0); }

  void set(int index, const VfSettings& settings) {
    const auto link = machine_.kernel().links().find(port().link);
    ASSERT_THAT(machine_.kernel().links().set_vf((*link)->index, index, settings), IsOk());
  }

  Json pfs() { return getpfs(node_, aside_, lists_.read(node_.inventory)); }

  FakeMachine machine_;
  NodeState node_;
  SetAside aside_;
  VfLists lists_{machine_.kernel().links()};
};

using Types = std::map<std::string, Json::value_t>;

void expect_types(const Json& object, const Types& types) {
  std::set<std::string> keys;
  for (const auto& [key, value] : object.items()) {
    keys.insert(key);
    const auto type = types.find(key);
    ASSERT_NE(type, types.end()) << key;
    EXPECT_EQ(value.type(), type->second) << key;
  }
  EXPECT_EQ(keys.size(), types.size()) << object;
}

// src/types.go of rit-k8s-rdma-ds: uint, string, bool, and a list that is never null.
TEST_F(InventoryView, GetpfsHasTheFieldsAndTypesOfThePapers) {
  using Type = Json::value_t;
  const Type uint = Type::number_unsigned;
  const Json all = pfs();
  ASSERT_THAT(all, SizeIs(1));
  expect_types(all[0], {{"name", Type::string},
                        {"used_tx_rate", uint},
                        {"capacity_tx_rate", uint},
                        {"used_vfs", uint},
                        {"capacity_vfs", uint},
                        {"vfs", Type::array}});
  ASSERT_THAT(all[0]["vfs"], SizeIs(6));
  for (const Json& each : all[0]["vfs"]) {
    expect_types(each, {{"vf", uint},
                        {"mac", Type::string},
                        {"vlan", uint},
                        {"qos", uint},
                        {"vlan_proto", Type::string},
                        {"spoof_check", Type::string},
                        {"trust", Type::string},
                        {"link_state", Type::string},
                        {"min_tx_rate", uint},
                        {"max_tx_rate", uint},
                        {"vgt_plus", Type::string},
                        {"rate_group", uint},
                        {"allocated", Type::boolean}});
  }
}

TEST_F(InventoryView, GetpfsIsWhatThePapersClientsRead) {
  set(1, {.mac = MacAddress::parse("02:00:00:00:00:01").value(),
          .vlan = VlanTag{.id = 7, .qos = 3},
          .spoofchk = true,
          .trust = true,
          .link_state = VfLinkState::enable});
  EXPECT_JSON_EQ_GOLDEN(pfs().dump(), "getpfs.json");
}

TEST_F(InventoryView, GetpfsUsesWhatThePortIsPromisedNotWhatIsInForce) {
  const Json first = pfs()[0];
  EXPECT_EQ(first["capacity_tx_rate"], 100'000);
  EXPECT_EQ(first["capacity_vfs"], 6);
  EXPECT_EQ(first["used_vfs"], 4);
  EXPECT_EQ(first["used_tx_rate"], 100 + 100 + 150 + 50);
  EXPECT_EQ(first["vfs"][3]["min_tx_rate"], 50);
  EXPECT_EQ(first["vfs"][3]["max_tx_rate"], 60);
}

// Whatever set it: the papers' server showed it, too.
TEST_F(InventoryView, GetpfsShowsTheKernelsRateOfAVfThatIsPromisedNothing) {
  set(4, {.rate = Rate{BitRate::mbps(10), BitRate::mbps(20)}});
  const Json vf = pfs()[0]["vfs"][4];
  EXPECT_EQ(vf["min_tx_rate"], 10);
  EXPECT_EQ(vf["max_tx_rate"], 20);
  EXPECT_EQ(vf["allocated"], false);
}

TEST_F(InventoryView, GetpfsCountsAVfThatIsElsewhereAsAllocated) {
  port().vfs.at(4).state = VfState::vfio;
  EXPECT_EQ(pfs()[0]["vfs"][4]["allocated"], true);
}

TEST_F(InventoryView, GetpfsAnswersWithoutTheKernel) {
  machine_.kernel().log().refuse_all(Error(Code::timed_out, "no answer"));
  const Json first = pfs()[0];
  ASSERT_THAT(first["vfs"], SizeIs(6));
  EXPECT_EQ(first["vfs"][0]["trust"], "N/A");
  EXPECT_EQ(first["vfs"][0]["min_tx_rate"], 100);
}

TEST_F(InventoryView, GetpfsLeavesOutPortsWithoutLinkOrVfs) {
  port().link.clear();
  EXPECT_EQ(pfs(), Json::array());
}

TEST_F(InventoryView, TheKernelIsAskedOnceASecond) {
  const auto now = VfLists::Clock::now();
  ASSERT_THAT(lists_.read(node_.inventory, now), SizeIs(1));
  machine_.kernel().log().clear();
  EXPECT_THAT(lists_.read(node_.inventory, now + std::chrono::milliseconds(999)), SizeIs(1));
  EXPECT_THAT(machine_.kernel().log().lines(), IsEmpty());
  lists_.read(node_.inventory, now + std::chrono::seconds(1));
  EXPECT_FALSE(machine_.kernel().log().lines().empty());
}

TEST_F(InventoryView, PortsAreShownWithAllThatIsPromisedOnThem) {
  EXPECT_JSON_EQ_GOLDEN(ports_view(node_, aside_).dump(), "v1_ports.json");
}

TEST_F(InventoryView, PortsAreReadByPlacementToo) {
  ASSERT_OK_AND_ASSIGN(const NodePorts ports, decode_node_ports(ports_view(node_, aside_)));
  ASSERT_THAT(ports.ports, SizeIs(1));
  EXPECT_EQ(ports.ports[0].promised, BitRate::mbps(400));
  EXPECT_EQ(ports.ports[0].free_vfs, 2);
  EXPECT_EQ(ports.ports[0].free_vfio_vfs, 0);
  EXPECT_EQ(ports.ports[0].networks, std::vector<std::string>{"front"});
}

TEST_F(InventoryView, FreeVfsAreCountedAsTheyAreBound) {
  for (const int index : {2, 4}) port().vfs.at(index).state = VfState::vfio;
  ASSERT_OK_AND_ASSIGN(const NodePorts ports, decode_node_ports(ports_view(node_, aside_)));
  EXPECT_EQ(ports.ports.at(0).free_vfs, 1);
  EXPECT_EQ(ports.ports.at(0).free_vfio_vfs, 1);
}

class EmulatedInventoryView : public InventoryView {
 protected:
  EmulatedInventoryView() : InventoryView("igb") {}
};

// igb keeps floors by ceilings, so that each lane costs the smallest one.
TEST_F(EmulatedInventoryView, GetpfsCountsWhatALaneWithoutFloorCosts) {
  node_.after.at(0).lanes.at(1).asked = {};
  const BitRate least = capability_of("igb").least;
  EXPECT_EQ(pfs()[0]["vfs"][3]["min_tx_rate"], least.as_mbps_ceil());
  EXPECT_EQ(pfs()[0]["used_tx_rate"], 350 + least.as_mbps_ceil());
}

}  // namespace
}  // namespace sluice
