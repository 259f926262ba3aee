// One port, one sum: admission, the mover, the metric and the three verbs of sluicectl.
#include "pkg/ledger/promises.h"

#include <nlohmann/json.hpp>

#include "agent/node_metrics.h"
#include "ctl/lanes.h"
#include "ctl/offers.h"
#include "ctl/ports.h"
#include "pkg/inventory/scan.h"
#include "pkg/offers/budgets.h"
#include "pkg/offers/moves.h"
#include "pkg/offers/node.h"
#include "test/support/result_matchers.h"
#include "test/support/sysfs_tree.h"
#include "test/support/temp_dir.h"

namespace sluice {
namespace {

using testing::HasSubstr;

constexpr const char* kPort = "0000:3b:00.0";
constexpr int kVfs = 7;

// igb limits in Mbit/s, and a limit of zero is none: a lane without a floor costs one Mbit/s.
constexpr BitRate kPromised = BitRate::mbps(7);

/// A 1 Gbit/s port of an 82576, whose seven VFs are all offered under a class without a floor.
class PromisesTest : public testing::Test {
 protected:
  PromisesTest() {
    tree_.pf(
        kPort,
        {.vfs = kVfs, .driver = "igb", .speed = "1000", .vendor = "0x8086", .device = "0x10c9"});
    const Inventory node = inventory();
    for (const Vf& vf : node.ports.at(0).vfs) {
      offers_.push_back({.vf = vf.address.to_string(), .port = kPort, .class_name = "any"});
    }
    EXPECT_THAT(store().offers.save(offers_), IsOk());
  }

  void attach_all() {
    ASSERT_OK_AND_ASSIGN(LockedPort locked, ledger().lock(kPort, std::chrono::milliseconds(0)));
    locked.record().driver = "igb";
    locked.record().line_rate = BitRate::gbps(1);
    const Inventory node = inventory();
    for (const Vf& vf : node.ports.at(0).vfs) {
      LaneRecord lane;
      lane.id = vf.address.to_string();
      lane.provider = "vf";
      lane.phase = Phase::attached;
      locked.record().lanes.push_back(lane);
    }
    ASSERT_THAT(locked.save(), IsOk());
  }

  Inventory inventory() const { return *scan(tree_.root()); }

  SetAsideStore store() const { return SetAsideStore(dir_ / "lib"); }

  SetAside aside() const { return {.offers = offers_, .grants = grants_}; }

  Ledger ledger() const { return *Ledger::open(dir_ / "run", "boot-1"); }

  std::vector<PortRecord> records() const { return {*ledger().peek(kPort)}; }

  static Config config() {
    return parse_config(R"({"ports": [{"select": {}, "vfs": 7}], "classes": [{"name": "any"}]})")
        .config;
  }

  static std::uint64_t promised_in(const std::string& json) {
    return nlohmann::json::parse(json).at("ports").at(0).at("promised").get<std::uint64_t>();
  }

  std::string metrics() const {
    Metrics metrics;
    NodeState node;
    node.inventory = inventory();
    node.after = records();
    show_node(metrics, node, aside());
    return metrics.text();
  }

  /// Whether the mover offers one more VF with that floor on the port.
  bool has_room_for(BitRate floor) const {
    const Inventory hardware = inventory();
    const Config configured = config();
    const std::vector<PortRecord> lanes = records();
    const std::vector<OfferPort> ports = offer_ports(hardware, configured, lanes, aside());
    std::vector<Offer> desired = offers_;
    desired.push_back({.vf = "0000:3b:03.0",
                       .port = kPort,
                       .class_name = "any",
                       .rate = {.floor = floor, .ceiling = {}}});
    OfferMover mover;
    return mover.step({.current = offers_, .desired = desired, .ports = ports}).offers.size() >
           offers_.size();
  }

  void expect_one_sum() const {
    const std::vector<PortRecord> lanes = records();
    EXPECT_EQ(promised_in(ports_json(inventory(), port_budgets(inventory(), lanes, aside()))),
              kPromised.as_bits_per_second());
    EXPECT_EQ(promised_in(lanes_json(read_lanes(ledger(), store(), inventory()))),
              kPromised.as_bits_per_second());
    EXPECT_EQ(promised_in(offers_json(look_at_offers(inventory(), config(), lanes, aside()))),
              kPromised.as_bits_per_second());
    EXPECT_THAT(metrics(), HasSubstr("sluice_port_promised_bytes_per_second{port=\"0000:3b:00.0\"} "
                                     "875000\n"));
    EXPECT_TRUE(has_room_for(BitRate::mbps(993)));
    EXPECT_FALSE(has_room_for(BitRate::mbps(994)));
  }

  TempDir dir_;
  SysfsTree tree_;
  std::vector<Offer> offers_;
  std::vector<Grant> grants_;
};

TEST_F(PromisesTest, OffersWithoutLanesAreCountedTheSameEverywhere) {
  expect_one_sum();
}

TEST_F(PromisesTest, SevenLanesOfAClassWithoutFloorAreCountedTheSameEverywhere) {
  attach_all();
  expect_one_sum();
  EXPECT_EQ(budget_of(records().at(0), aside()).promised, kPromised) << "admission";
}

TEST_F(PromisesTest, LanesOutsideOffersCostTheSame) {
  attach_all();
  offers_.clear();
  ASSERT_THAT(store().offers.save(offers_), IsOk());
  expect_one_sum();
  EXPECT_EQ(budget_of(records().at(0), aside()).promised, kPromised) << "admission";
}

TEST_F(PromisesTest, GrantsCostWhatOffersDoWithLanesAndWithout) {
  Grant grant{.uid = "claim-1", .name = "ml/rdma", .pod_uid = "pod-1", .vfs = {}};
  for (const Offer& offer : offers_) grant.vfs.push_back({.vf = offer.vf, .port = kPort});
  grants_ = {grant};
  offers_.clear();
  ASSERT_THAT(store().offers.save(offers_), IsOk());
  ASSERT_THAT(store().grants.save(grants_), IsOk());
  expect_one_sum();
  attach_all();
  expect_one_sum();
  EXPECT_EQ(budget_of(records().at(0), aside()).promised, kPromised) << "admission";
}

TEST_F(PromisesTest, ALaneOnAnOfferedVfIsCountedOnce) {
  attach_all();
  const std::vector<PortRecord> lanes = records();
  const std::vector<Promise> promises = promises_on(
      {.port = kPort, .capability = capability_of("igb"), .lanes = lanes.at(0).lanes}, aside());
  EXPECT_EQ(promises.size(), std::size_t{kVfs});
  for (const Promise& promise : promises)
    EXPECT_TRUE(promise.by == Promise::By::offer && promise.taken);
}

}  // namespace
}  // namespace sluice
