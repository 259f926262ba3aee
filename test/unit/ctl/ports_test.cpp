#include "ctl/ports.h"

#include <nlohmann/json.hpp>

#include "ctl/table.h"
#include "pkg/inventory/scan.h"
#include "test/support/golden.h"
#include "test/support/result_matchers.h"
#include "test/support/sysfs_tree.h"

namespace sluice {
namespace {

/// A port in use, one whose wire is down, one in a pod and one that could not be read.
Inventory node() {
  SysfsTree tree;
  tree.pf("0000:3b:00.0", {.vfs = 3, .total_vfs = 16, .rdma = true});
  tree.take_link_away("0000:3b:02.1");
  tree.pf("0000:5e:00.0", {.driver = "igb", .speed = "-1", .carrier = "0", .numa_node = "-1"});
  tree.make_link(SysfsTree::device("0000:5e:00.0") + "/net/eth1/master", "../bond0");
  tree.pf("0000:5f:00.0").take_link_away("0000:5f:00.0");
  Inventory inventory = *scan(tree.root(), [](const auto&) -> Result<std::vector<AwayLink>> {
    return std::vector<AwayLink>{{"0000:3b:02.1", "net1", 4711}};
  });
  inventory.ports[0].eswitch_mode = EswitchMode::legacy;
  inventory.problems.emplace_back("port 0000:60:00.0: read 'vendor': EISDIR");
  return inventory;
}

PortBudgets promised() {
  return {{"0000:3b:00.0", {.promised = BitRate::gbps(40)}}, {"0000:5e:00.0", {}}};
}

TEST(PortsTable, IsALineAPort) {
  EXPECT_EQ(
      ports_table(node(), promised()),
      "ADDRESS       LINK          DRIVER     RATE        PROMISED   CARRIER  NUMA  VFS     RDMA   "
      " MODE\n"
      "0000:3b:00.0  eth0          mlx5_core  100 Gbit/s  40 Gbit/s  yes      0     1/3/16  mlx5_0 "
      " legacy\n"
      "0000:5e:00.0  eth1 (bond0)  igb        -           -          no       -     0/0/8   -      "
      " -\n"
      "0000:5f:00.0  (away)        mlx5_core  -           -          no       0     0/0/8   -      "
      " -\n"
      "not read: port 0000:60:00.0: read 'vendor': EISDIR\n");
}

TEST(PortsTable, SaysWhenThereIsNothing) {
  EXPECT_EQ(ports_table(Inventory(), {}), "no SR-IOV ports on this node\n");
}

TEST(PortsJson, IsAsOtherProgramsKnowIt) {
  EXPECT_JSON_EQ_GOLDEN(ports_json(node(), promised()), "ports.json");
}

TEST(PortsJson, IsJsonWithoutPortsToo) {
  EXPECT_EQ(nlohmann::json::parse(ports_json(Inventory(), {}), nullptr, false),
            nlohmann::json::parse(R"({"ports": [], "problems": []})"));
}

TEST(Table, AlignsColumnsAndEndsLinesWithoutBlanks) {
  EXPECT_EQ(to_table({{"A", "BB"}, {"ccc", "d"}, {"e"}}), "A    BB\nccc  d\ne\n");
  EXPECT_EQ(to_table({}), "");
}

}  // namespace
}  // namespace sluice
