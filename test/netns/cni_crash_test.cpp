// The plugin killed at every step; what the next call of a runtime makes of the remains.
#include "test/netns/cni_world.h"

namespace sluice::cni {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::IsEmpty;

constexpr int kKilled = 128 + 9;

/// A place to die at, and what the lane there is made of.
struct Death {
  const char* at;
  const char* lane;  ///< "vf", "macvlan" or "veth"
};

std::string name_of(const testing::TestParamInfo<Death>& death) {
  std::string name = fmt::format("{}_{}", death.param.lane, death.param.at);
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

class CniCrash : public CniWorld, public testing::WithParamInterface<Death> {
 protected:
  /// With everything that a call can leave behind.
  std::string full_conf() const {
    const std::string more =
        fmt::format(R"({},"runtimeConfig":{{"CNIDeviceInfoFile":"{}"}})", kWithIpam, dir_ / "info");
    if (GetParam().lane == std::string("vf")) return conf(0, more);
    return fmt::format(R"({{"cniVersion":"1.1.0","name":"soft-net","type":"sluice","provider":)"
                       R"("soft","master":"uplink0","child":"{}","lineRate":"1G","floor":"600M",)"
                       R"("ceiling":"900M","logLevel":"panic"{}}})",
                       GetParam().lane, more);
  }

  void die(const std::string& command) {
    const PluginExit exit =
        call(command, c1_, full_conf(), {fmt::format("SLUICE_CRASH_AT={}", GetParam().at)});
    ASSERT_EQ(exit.status, kKilled) << "never came to " << GetParam().at << ": " << exit.output;
    EXPECT_EQ(exit.output, "");
  }

  void expect_that_all_is_well() {
    expect_nothing_left();
    EXPECT_FALSE(dir_.has("info"));
    EXPECT_THAT(ipam_.calls(), EndsWith("DEL "));
    ASSERT_EQ(call("ADD", c1_, full_conf()).status, 0);
    EXPECT_NE(link_in(*pod_, "net1"), std::nullopt);
    expect_silent_success("DEL", c1_, full_conf());
    expect_nothing_left();
  }
};

class CniKilledInAdd : public CniCrash {};
class CniKilledInDel : public CniCrash {};
class CniKilledBeforeTheLaneWasWhole : public CniCrash {};

TEST_P(CniKilledInAdd, C53_DelCleansUp) {
  die("ADD");
  expect_silent_success("DEL", c1_, full_conf());
  expect_that_all_is_well();
}

TEST_P(CniKilledInDel, C53_DelGoesOn) {
  ASSERT_EQ(call("ADD", c1_, full_conf()).status, 0);
  die("DEL");
  expect_silent_success("DEL", c1_, full_conf());
  expect_that_all_is_well();
}

TEST_P(CniKilledBeforeTheLaneWasWhole, C53_TheNextPodsAddTakesOver) {
  die("ADD");
  const PluginExit next = call("ADD", c2_, full_conf());
  ASSERT_EQ(next.status, 0) << next.output;
  EXPECT_NE(link_in(other_pod_, "net1"), std::nullopt);
  EXPECT_EQ(link_in(*pod_, "net1"), std::nullopt);
  EXPECT_THAT(owners(), ElementsAre("c2"));
  expect_silent_success("DEL", c2_, full_conf());
  expect_nothing_left();
}

std::vector<Death> each(std::initializer_list<const char*> lanes,
                        std::initializer_list<const char*> points) {
  std::vector<Death> deaths;
  for (const char* const lane : lanes) {
    for (const char* const at : points) deaths.push_back({.at = at, .lane = lane});
  }
  return deaths;
}

std::vector<Death> both(std::vector<Death> some, const std::vector<Death>& more) {
  some.insert(some.end(), more.begin(), more.end());
  return some;
}

const std::vector<Death> kBeforeWhole = both(
    each({"vf"}, {"attach.reserved", "attach.configured", "attach.link_moved", "attach.moved"}),
    each({"macvlan", "veth"}, {"attach.reserved", "attach.shaped", "attach.configured",
                               "attach.child_made", "attach.child_up", "attach.moved"}));

INSTANTIATE_TEST_SUITE_P(At, CniKilledBeforeTheLaneWasWhole, testing::ValuesIn(kBeforeWhole),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Early, CniKilledInAdd, testing::ValuesIn(kBeforeWhole), name_of);
INSTANTIATE_TEST_SUITE_P(Late, CniKilledInAdd,
                         testing::ValuesIn(each({"vf", "macvlan", "veth"},
                                                {"attach.attached", "add.attached", "add.ipam",
                                                 "add.addressed"})),
                         name_of);
INSTANTIATE_TEST_SUITE_P(DeviceInfo, CniKilledInAdd,
                         testing::Values(Death{.at = "add.device_info", .lane = "vf"}), name_of);
INSTANTIATE_TEST_SUITE_P(At, CniKilledInDel,
                         testing::ValuesIn(each({"vf", "macvlan", "veth"},
                                                {"detach.releasing", "detach.released",
                                                 "detach.settled", "detach.cleared", "del.released",
                                                 "del.ipam"})),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Vf, CniKilledInDel,
                         testing::Values(Death{.at = "detach.link_moved", .lane = "vf"}), name_of);
INSTANTIATE_TEST_SUITE_P(Soft, CniKilledInDel,
                         testing::ValuesIn(both(each({"macvlan", "veth"}, {"detach.child_removed"}),
                                                each({"veth"}, {"detach.path_removed"}))),
                         name_of);

}  // namespace
}  // namespace sluice::cni
