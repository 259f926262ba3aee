// A world that changes while a lane is given or taken back: links that come, go and are renamed
// between two requests.
#include "test/unit/lane/node_fixture.h"

namespace sluice {
namespace {

const MacAddress kForeignMac({6, 0, 0, 0, 0, 9});

class Situation : public NodeTest {
 protected:
  /// VF 0 loses its link and driver, and another device's link gets the index.
  void reuse_index() {
    const int index = kernel->node().find("eth0v0")->link.index;
    kernel->node().take_away("eth0v0");
    tree->remove(SysfsTree::device(vf(0)) + "/driver").take_link_away(vf(0));
    add_foreign(index);
  }

  void add_foreign(int index) {
    kernel->node().add_link({.index = index,
                             .name = "other0",
                             .mac = kForeignMac,
                             .parent_bus = "pci",
                             .parent_device = "0000:ff:00.0"});
  }

  void expect_foreign_untouched() {
    const FakeLink* const other = kernel->node().find("other0");
    ASSERT_NE(other, nullptr);
    EXPECT_EQ(other->link.mac, kForeignMac);
    EXPECT_EQ(other->link.parent_device, "0000:ff:00.0");
    EXPECT_FALSE(other->link.up);
  }

  /// udev gives the link of `address` another name, in sysfs too.
  void rename(const std::string& address, const std::string& from, const std::string& to) {
    kernel->node().find(from)->link.name = to;
    tree->take_link_away(address).add_link(address, to, "");
  }
};

TEST_F(Situation, K30_ALinkWhoseIndexIsAnotherOnesByNowIsNotMoved) {
  kernel->log().before("set_vf", [&] { reuse_index(); });
  EXPECT_THAT(attach(request(0)), FailsWith(Code::busy, "the link of VF 0000:3b:02.0 has just"));
  expect_foreign_untouched();
  EXPECT_EQ(recorded(), 0U);
}

TEST_F(Situation, K30_ALinkWhoseIndexIsAnotherOnesByNowGetsNoMac) {
  LaneRequest wanted = request(0);
  wanted.settings.mac = *MacAddress::parse("60:00:00:00:00:e1");
  kernel->log().before("find 'eth0'", [&] { reuse_index(); });
  EXPECT_THAT(attach(wanted), FailsWith(Code::busy, "the link of VF 0000:3b:02.0 has just"));
  expect_foreign_untouched();
  EXPECT_EQ(recorded(), 0U);
}

TEST_F(Situation, K30_AVfThatComesHomeUnderAnotherIndexGetsItsOwnMacBack) {
  const int index = kernel->node().find("eth0v0")->link.index;
  ASSERT_THAT(attach(request(0)), IsOk());
  in_pod("net1")->link.mac = MacAddress({6, 0, 0, 0, 0, 1});
  add_foreign(index);
  ASSERT_THAT(detach(), IsOk());
  expect_foreign_untouched();
  expect_baseline(0);
}

TEST_F(Situation, K30_AVfThatComesHomeUnrenamedUnderAnotherIndexIsTheOneRenamed) {
  ASSERT_THAT(attach(request(0)), IsOk());
  const int index = in_pod("net1")->link.index;
  add_foreign(index);
  kernel->node().add_link({.name = "eth0v0", .kind = "veth"});
  kernel->log().before("name=eth0v0", [&] { show_as(0, "net1"); });
  ASSERT_THAT(detach(), IsOk());
  expect_foreign_untouched();
  EXPECT_EQ(kernel->node().find("net1"), nullptr);
  EXPECT_EQ(recorded(), 0U);
}

TEST_F(Situation, K30_APortThatGoesWhileItsVfIsConfiguredFailsTheAttach) {
  kernel->log().before("set_vf", [&] { kernel->node().take_away("eth0"); });
  EXPECT_THAT(attach(request(0)), FailsWith(Code::not_found, "ENODEV"));
  EXPECT_EQ(recorded(), 0U);
}

TEST_F(Situation, K31_AVfRenamedBeforeItIsLookedUpIsFoundUnderItsNewName) {
  LaneRequest wanted = request(0);
  wanted.timeout = std::chrono::seconds(60);
  kernel->log().before("find 'eth0v0'", [&] { rename(vf(0), "eth0v0", "ens1v0"); });
  ASSERT_THAT(attach(wanted), IsOk());
  EXPECT_NE(in_pod("net1"), nullptr);
  EXPECT_EQ(records().at(0).home.name, "ens1v0");
}

TEST_F(Situation, K31_AVfRenamedBeforeItIsMovedIsMovedAllTheSame) {
  kernel->log().before("set_vf", [&] { rename(vf(0), "eth0v0", "ens1v0"); });
  ASSERT_THAT(attach(request(0)), IsOk());
  EXPECT_NE(in_pod("net1"), nullptr);
  ASSERT_THAT(detach(), IsOk());
  expect_baseline(0);
}

TEST_F(Situation, K31_APortRenamedBeforeItIsLookedUpIsFoundUnderItsNewName) {
  const auto rename_port = [&](const std::string& from, const std::string& to) {
    kernel->node().find(from)->link.name = to;
    tree->take_link_away(kPort).add_link(kPort, to, "p0");
    tree->write(SysfsTree::device(kPort) + "/net/" + to + "/speed", "100000");
  };
  LaneRequest wanted = request(0);
  wanted.ceiling = BitRate::gbps(1);
  kernel->log().before("find 'eth0'", [&] { rename_port("eth0", "ens1"); });
  ASSERT_THAT(attach(wanted), IsOk());
  EXPECT_EQ(kernel->node().vf("ens1", 0).info.rate->ceiling, BitRate::gbps(1));

  kernel->log().before("find 'ens1'", [&] { rename_port("ens1", "eth0"); });
  ASSERT_THAT(detach(), IsOk());
  expect_baseline(0);
}

}  // namespace
}  // namespace sluice
