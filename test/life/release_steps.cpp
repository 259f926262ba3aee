// DEL, whatever state it finds.
#include "test/life/steps.h"

namespace sluice {
namespace {

void attach(Life& life) {
  ASSERT_THAT(life.add(life.rich_request()), IsOk());
}

bool here(Life& life, bool event) {
  if (!event) life.outcome = Outcome::not_here;
  return event;
}

/// The lane's link in its pod.
std::optional<Link> link_in_pod(Life& life, Links& links) {
  const auto found = links.list();
  if (!found) return std::nullopt;
  for (const Link& link : *found) {
    if (link.parent_device == life.hardware().vf(0).to_string()) return link;
  }
  return std::nullopt;
}

void ends_well(Life& life) {
  EXPECT_THAT(life.del(), IsOk());
  EXPECT_THAT(life.del(), IsOk()) << "the second time";
  life.expect_baseline();
  life.expect_usable();
}

// What the port refuses now is noted and done as soon as it can be.
void del_without_carrier(Life& life) {
  attach(life);
  if (testing::Test::HasFailure() || !here(life, life.hardware().lose_carrier())) return;
  EXPECT_THAT(life.del(), IsOk());
  EXPECT_EQ(life.record().lanes.size(), 0U);
  life.tend();
  life.hardware().restore_carrier(life.hardware().line_rate());
  life.tend();
  life.expect_baseline();
  life.expect_usable();
}

// The same where no agent comes between.
void add_after_a_del_without_carrier(Life& life) {
  attach(life);
  if (testing::Test::HasFailure() || !here(life, life.hardware().lose_carrier())) return;
  EXPECT_THAT(life.del(), IsOk());
  life.hardware().restore_carrier(life.hardware().line_rate());
  life.expect_usable();
}

// Another lane's floor is more than the port carries without carrier.
void del_without_carrier_beside_a_floor(Life& life) {
  LaneRequest other = life.request(1, "p2");
  if (!here(life, life.can().rates)) return;
  other.floor = life.floor();
  ASSERT_THAT(life.add(other), IsOk());
  ASSERT_THAT(life.add(life.request()), IsOk());
  if (!here(life, life.hardware().lose_carrier())) return;
  EXPECT_THAT(life.del(), IsOk());
  life.hardware().restore_carrier(life.hardware().line_rate());
  life.tend();
  life.expect_baseline();
  life.expect_in_force(other);
  EXPECT_THAT(life.del("p2"), IsOk());
  life.expect_baseline(1);
}

void del_after_a_port_reset(Life& life) {
  attach(life);
  if (testing::Test::HasFailure() || !here(life, life.hardware().reset_port())) return;
  if (life.hardware().vfs_are_gone()) return;
  ends_well(life);
}

void del_while_the_vf_resets(Life& life) {
  attach(life);
  if (testing::Test::HasFailure() || !here(life, life.hardware().reset_vf(0))) return;
  ends_well(life);
}

void del_of_vfs_that_are_gone(Life& life) {
  attach(life);
  if (testing::Test::HasFailure() || !here(life, life.hardware().remove_vfs())) return;
  EXPECT_THAT(life.del(), IsOk());
  EXPECT_EQ(life.record().lanes.size(), 0U);
}

// A driver that lost its device: the release waits for a link to come home, and says so.
void del_of_a_vf_without_a_link(Life& life) {
  attach(life);
  if (testing::Test::HasFailure() || !here(life, life.hardware().lose_vf(0))) return;
  const Result<> first = life.del();
  if (!first) {
    EXPECT_EQ(first.error().code(), Code::busy) << first.error().message();
  }
  ASSERT_TRUE(life.hardware().find_vf(0));
  if (first) life.take_mac_of_new_driver(0);
  ends_well(life);
}

void del_after_the_pod_died(Life& life) {
  attach(life);
  if (testing::Test::HasFailure()) return;
  life.hardware().kill_pod("p1");
  ends_well(life);
}

void recovery_after_the_pod_died(Life& life) {
  attach(life);
  if (testing::Test::HasFailure()) return;
  life.hardware().kill_pod("p1");
  life.tend();
  life.expect_baseline();
  life.expect_usable();
}

void del_of_a_link_renamed_in_the_pod(Life& life) {
  if (!here(life, life.can().links)) return;
  attach(life);
  if (testing::Test::HasFailure()) return;
  const auto links = life.hardware().kernel().links_in(*life.pod("p1"));
  ASSERT_THAT(links, IsOk());
  const auto link = link_in_pod(life, **links);
  ASSERT_TRUE(link);
  ASSERT_THAT((*links)->change(link->index, {.up = false}), IsOk());
  ASSERT_THAT((*links)->change(link->index, {.name = "mine"}), IsOk());
  ends_well(life);
}

// A lane without a MAC asked for: the pod may give itself one, where the driver lets it.
void del_after_the_pod_changed_its_mac(Life& life) {
  if (!here(life, life.can().links)) return;
  ASSERT_THAT(life.add(life.request()), IsOk());
  life.hardware().settle();
  const auto links = life.hardware().kernel().links_in(*life.pod("p1"));
  ASSERT_THAT(links, IsOk());
  const auto link = link_in_pod(life, **links);
  ASSERT_TRUE(link);
  const LinkChange change{.mac = MacAddress({2, 0xbb, 0, 0, 0, 1}), .mtu = 1400};
  if (!here(life, (*links)->change(link->index, change).has_value())) {
    static_cast<void>(life.del());
    return;
  }
  ends_well(life);
}

void a_mac_asked_for_is_the_pods_only_one(Life& life) {
  if (!here(life, life.can().links && life.can().pins_mac)) return;
  LaneRequest wanted = life.request();
  wanted.settings.mac = MacAddress({2, 0xaa, 0, 0, 0, 1});
  ASSERT_THAT(life.add(wanted), IsOk());
  life.hardware().settle();
  const auto links = life.hardware().kernel().links_in(*life.pod("p1"));
  const auto link = link_in_pod(life, **links);
  ASSERT_TRUE(link);
  EXPECT_FALSE((*links)->change(link->index, {.mac = MacAddress({2, 0xbb, 0, 0, 0, 1})}));
  life.expect_in_force(wanted);
  ends_well(life);
}

constexpr Step kSteps[] = {
    {"del_without_carrier", del_without_carrier},
    {"add_after_a_del_without_carrier", add_after_a_del_without_carrier},
    {"del_without_carrier_beside_a_floor", del_without_carrier_beside_a_floor},
    {"del_after_a_port_reset", del_after_a_port_reset},
    {"del_while_the_vf_resets", del_while_the_vf_resets},
    {"del_of_vfs_that_are_gone", del_of_vfs_that_are_gone},
    {"del_of_a_vf_without_a_link", del_of_a_vf_without_a_link},
    {"del_after_the_pod_died", del_after_the_pod_died},
    {"recovery_after_the_pod_died", recovery_after_the_pod_died},
    {"del_of_a_link_renamed_in_the_pod", del_of_a_link_renamed_in_the_pod},
    {"del_after_the_pod_changed_its_mac", del_after_the_pod_changed_its_mac},
    {"a_mac_asked_for_is_the_pods_only_one", a_mac_asked_for_is_the_pods_only_one},
};

}  // namespace

std::span<const Step> release_steps() {
  return kSteps;
}

}  // namespace sluice
