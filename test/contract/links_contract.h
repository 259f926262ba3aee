#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <functional>
#include <memory>
#include <utility>

#include "pkg/netlink/links.h"
#include "test/support/result_matchers.h"

namespace sluice {

/// Two namespaces without links but their loopbacks.
struct LinksWorld {
  std::shared_ptr<void> owner;  ///< Whatever must outlive the rest.
  std::unique_ptr<Links> here;
  std::unique_ptr<Links> there;
  std::unique_ptr<NetNs> there_netns;

  /// Gives a link of `here` an alternative name, which Links itself never does.
  std::function<void(int index, const std::string& name)> add_altname;
};

class LinksContract : public testing::TestWithParam<std::function<LinksWorld()>> {
 protected:
  static constexpr int kNoSuchLink = 4711;

  /// A veth pair `name` and "peer0", both here. Returns the index of `name`.
  int make(const std::string& name, const std::string& peer = "peer0") {
    EXPECT_THAT(here_.add({.kind = LinkKind::veth, .name = name, .peer_name = peer}), IsOk());
    return index_of(here_, name);
  }

  /// 0 when there is none.
  static int index_of(Links& links, const std::string& name) {
    const auto link = links.find(name);
    EXPECT_THAT(link, IsOk());
    return link && *link ? (**link).index : 0;
  }

  LinksWorld world_ = GetParam()();
  Links& here_ = *world_.here;
  Links& there_ = *world_.there;
  const NetNs* there_netns_ = world_.there_netns.get();
};

TEST_P(LinksContract, UnknownLinkIsEmptyNotAnError) {
  for (const char* name : {"nosuch0", "", "longer-than-any-link"}) {
    ASSERT_OK_AND_ASSIGN(const auto link, here_.find(name));
    EXPECT_EQ(link, std::nullopt) << name;
  }
  for (const int index : {kNoSuchLink, 0, -1}) {
    ASSERT_OK_AND_ASSIGN(const auto link, here_.find(index));
    EXPECT_EQ(link, std::nullopt) << index;
  }
}

TEST_P(LinksContract, AddedPairIsFoundByNameAndByIndex) {
  const MacAddress mac({2, 0, 0, 0, 0, 7});
  ASSERT_THAT(
      here_.add(
          {.kind = LinkKind::veth, .name = "lane0", .peer_name = "peer0", .mac = mac, .mtu = 1400}),
      IsOk());
  ASSERT_OK_AND_ASSIGN(const auto lane, here_.find("lane0"));
  ASSERT_OK_AND_ASSIGN(const auto peer, here_.find("peer0"));
  ASSERT_TRUE(lane && peer);
  EXPECT_EQ(lane->kind, "veth");
  EXPECT_EQ(lane->mac, mac);
  EXPECT_EQ(lane->mtu, 1400);
  EXPECT_FALSE(lane->up);
  EXPECT_EQ(lane->lower_index, peer->index);
  ASSERT_OK_AND_ASSIGN(const auto by_index, here_.find(lane->index));
  EXPECT_EQ(by_index, lane);
}

TEST_P(LinksContract, ListHoldsAllByIndex) {
  const int lane = make("lane0");
  const int peer = index_of(here_, "peer0");
  ASSERT_OK_AND_ASSIGN(const auto links, here_.list());
  std::vector<int> indices;
  indices.reserve(links.size());
  for (const Link& link : links) indices.push_back(link.index);
  EXPECT_THAT(indices, testing::IsSupersetOf({1, lane, peer}));
  EXPECT_TRUE(std::is_sorted(indices.begin(), indices.end()));
}

TEST_P(LinksContract, AddWithTakenNameAlreadyExists) {
  make("lane0");
  EXPECT_THAT(here_.add({.kind = LinkKind::veth, .name = "lane0", .peer_name = "peer1"}),
              FailsWith(Code::already_exists, "add link 'lane0': EEXIST"));
  EXPECT_EQ(index_of(here_, "peer1"), 0);
}

TEST_P(LinksContract, VethIsMadeInAnotherNamespaceWithItsPeerHere) {
  ASSERT_THAT(
      here_.add(
          {.kind = LinkKind::veth, .name = "net1", .peer_name = "peer0", .netns = there_netns_}),
      IsOk());
  EXPECT_NE(index_of(there_, "net1"), 0);
  EXPECT_NE(index_of(here_, "peer0"), 0);
}

TEST_P(LinksContract, MacvlanIsMadeInAnotherNamespaceOnItsUplinkHere) {
  const int uplink = make("lane0");
  ASSERT_THAT(here_.add({.name = "net1", .lower_index = uplink, .netns = there_netns_}), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto link, there_.find("net1"));
  ASSERT_TRUE(link);
  EXPECT_EQ(link->kind, "macvlan");
  EXPECT_EQ(link->lower_index, uplink);
}

TEST_P(LinksContract, MacvlanOnMissingUplinkIsNotFound) {
  EXPECT_THAT(here_.add({.name = "net1", .lower_index = kNoSuchLink}),
              FailsWith(Code::not_found, "add link 'net1': ENODEV"));
}

TEST_P(LinksContract, RemovedPairIsGoneOnBothSides) {
  const int lane = make("lane0");
  const int peer = index_of(here_, "peer0");
  ASSERT_THAT(here_.change(lane, {.netns = there_netns_}), IsOk());
  ASSERT_THAT(here_.remove(peer), IsOk());
  EXPECT_EQ(index_of(there_, "lane0"), 0);
  EXPECT_THAT(here_.remove(peer), FailsWith(Code::not_found, "remove link"));
}

TEST_P(LinksContract, ChangeAppliesAllThatIsAsked) {
  const int lane = make("lane0");
  const MacAddress mac({2, 0, 0, 0, 0, 9});
  ASSERT_THAT(here_.change(lane, {.mac = mac, .mtu = 1300, .name = "net1", .up = true}), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto link, here_.find(lane));
  ASSERT_TRUE(link);
  EXPECT_EQ(link->name, "net1");
  EXPECT_EQ(link->mac, mac);
  EXPECT_EQ(link->mtu, 1300);
  EXPECT_TRUE(link->up);
  ASSERT_THAT(here_.change(lane, {.up = false}), IsOk());
  EXPECT_FALSE(here_.find(lane).value()->up);
}

TEST_P(LinksContract, ChangeOfMissingLinkIsNotFound) {
  EXPECT_THAT(here_.change(kNoSuchLink, {.mtu = 1300}),
              FailsWith(Code::not_found, "set link 4711: ENODEV"));
}

TEST_P(LinksContract, ChangeRefusesWhatNoLinkCanHave) {
  const int lane = make("lane0");
  EXPECT_THAT(here_.change(lane, {.mtu = 67}), FailsWith(Code::invalid_argument, "EINVAL"));
  EXPECT_THAT(here_.change(lane, {.name = "a/b"}), FailsWith(Code::invalid_argument, "EINVAL"));
  EXPECT_THAT(here_.change(lane, {.name = "longer-than-15-b"}),
              FailsWith(Code::invalid_argument, "ERANGE"));
  EXPECT_THAT(here_.change(lane, {.mac = MacAddress({1, 0, 0, 0, 0, 0})}),
              FailsWith(Code::internal, "EADDRNOTAVAIL"));
}

TEST_P(LinksContract, MoveWithNameAndUpIsOneChange) {
  const MacAddress mac({2, 0, 0, 0, 0, 9});
  const int lane = make("lane0");
  ASSERT_THAT(
      here_.change(lane,
                   {.netns = there_netns_, .mac = mac, .mtu = 1300, .name = "net1", .up = true}),
      IsOk());
  EXPECT_EQ(index_of(here_, "lane0"), 0);
  ASSERT_OK_AND_ASSIGN(const auto moved, there_.find("net1"));
  ASSERT_TRUE(moved);
  EXPECT_TRUE(moved->up);
  EXPECT_EQ(moved->mtu, 1300);
  EXPECT_EQ(moved->mac, mac);
}

TEST_P(LinksContract, MoveTakesTheLinkDownAndKeepsTheRest) {
  const MacAddress mac({2, 0, 0, 0, 0, 9});
  const int lane = make("lane0");
  ASSERT_THAT(here_.change(lane, {.mac = mac, .mtu = 1300, .up = true}), IsOk());
  ASSERT_THAT(here_.change(lane, {.netns = there_netns_}), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto moved, there_.find("lane0"));
  ASSERT_TRUE(moved);
  EXPECT_FALSE(moved->up);
  EXPECT_EQ(moved->mtu, 1300);
  EXPECT_EQ(moved->mac, mac);
}

TEST_P(LinksContract, MoveToATakenNewNameMovesUnrenamedAndFails) {
  ASSERT_THAT(there_.add({.kind = LinkKind::veth, .name = "net1", .peer_name = "peer1"}), IsOk());
  const int lane = make("lane0");
  EXPECT_THAT(here_.change(lane, {.netns = there_netns_, .name = "net1", .up = true}),
              FailsWith(Code::already_exists, "EEXIST"));
  EXPECT_EQ(index_of(here_, "lane0"), 0);
  ASSERT_OK_AND_ASSIGN(const auto moved, there_.find("lane0"));
  ASSERT_TRUE(moved);
  EXPECT_FALSE(moved->up);
}

TEST_P(LinksContract, MoveFromATakenNameArrivesUnderTheNewOne) {
  ASSERT_THAT(there_.add({.kind = LinkKind::veth, .name = "lane0", .peer_name = "peer1"}), IsOk());
  const int lane = make("lane0");
  ASSERT_THAT(here_.change(lane, {.netns = there_netns_, .name = "net1"}), IsOk());
  EXPECT_EQ(index_of(here_, "lane0"), 0);
  EXPECT_NE(index_of(there_, "net1"), 0);
}

TEST_P(LinksContract, MoveWithBothNamesTakenChangesNothing) {
  ASSERT_THAT(there_.add({.kind = LinkKind::veth, .name = "lane0", .peer_name = "net1"}), IsOk());
  const int lane = make("lane0");
  EXPECT_THAT(here_.change(lane, {.netns = there_netns_, .mtu = 1300, .name = "net1"}),
              FailsWith(Code::already_exists, "EEXIST"));
  ASSERT_OK_AND_ASSIGN(const auto link, here_.find("lane0"));
  ASSERT_TRUE(link);
  EXPECT_EQ(link->mtu, 1500);
}

TEST_P(LinksContract, LoopbackCannotBeMoved) {
  EXPECT_THAT(here_.change(1, {.netns = there_netns_, .name = "net1"}),
              FailsWith(Code::invalid_argument, "set link 1: EINVAL"));
}

TEST_P(LinksContract, AltnamesAreListedAndDoNotCountForFind) {
  const int lane = make("lane0");
  world_.add_altname(lane, "alternative-of-lane0");
  world_.add_altname(lane, "other0");
  ASSERT_OK_AND_ASSIGN(const auto link, here_.find(lane));
  ASSERT_TRUE(link);
  EXPECT_THAT(link->altnames, testing::UnorderedElementsAre("alternative-of-lane0", "other0"));
  EXPECT_EQ(index_of(here_, "other0"), 0);
}

TEST_P(LinksContract, OwnAltnameBlocksTheRenameUntilItIsRemoved) {
  const int lane = make("lane0");
  world_.add_altname(lane, "net1");
  world_.add_altname(lane, "other0");
  EXPECT_THAT(here_.change(lane, {.name = "net1"}), FailsWith(Code::already_exists, "EEXIST"));
  ASSERT_THAT(here_.remove_altnames(lane, {"net1", "other0"}), IsOk());
  EXPECT_THAT(here_.find(lane).value()->altnames, testing::IsEmpty());
  EXPECT_THAT(here_.change(lane, {.name = "net1"}), IsOk());
}

TEST_P(LinksContract, AltnameTakenInTheTargetBlocksTheMove) {
  ASSERT_THAT(there_.add({.kind = LinkKind::veth, .name = "other0", .peer_name = "peer1"}), IsOk());
  const int lane = make("lane0");
  world_.add_altname(lane, "other0");
  EXPECT_THAT(here_.change(lane, {.netns = there_netns_, .name = "net1"}),
              FailsWith(Code::already_exists, "EEXIST"));
  EXPECT_NE(index_of(here_, "lane0"), 0);
  EXPECT_EQ(index_of(there_, "lane0") + index_of(there_, "net1"), 0);
}

TEST_P(LinksContract, RemovingAltnamesThatAreNotThereIsNotFound) {
  const int lane = make("lane0");
  EXPECT_THAT(here_.remove_altnames(lane, {}), IsOk());
  EXPECT_THAT(here_.remove_altnames(lane, {"other0"}),
              FailsWith(Code::not_found, "remove alternative names of link"));
  EXPECT_THAT(here_.remove_altnames(kNoSuchLink, {"other0"}), FailsWith(Code::not_found, "ENODEV"));
}

TEST_P(LinksContract, LinkWithoutVfsHasNoneAndCannotSetAny) {
  const int lane = make("lane0");
  ASSERT_OK_AND_ASSIGN(const VfList list, here_.vfs(lane));
  EXPECT_EQ(list.announced, 0U);
  EXPECT_THAT(list.vfs, testing::IsEmpty());
  EXPECT_THAT(here_.set_vf(lane, 0, {.rate = Rate()}),
              FailsWith(Code::unsupported, fmt::format("set VF 0 of link {}: EOPNOTSUPP", lane)));
}

TEST_P(LinksContract, VfsOfMissingPortAreNotFound) {
  EXPECT_THAT(here_.vfs(kNoSuchLink), FailsWith(Code::not_found, "get VFs of link 4711: ENODEV"));
  EXPECT_THAT(here_.set_vf(kNoSuchLink, 0, {.rate = Rate()}),
              FailsWith(Code::not_found, "set VF 0 of link 4711: ENODEV"));
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(LinksContract);

}  // namespace sluice
