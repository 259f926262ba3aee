// The plugin with software lanes: what it promises is in the kernel's HTB classes.
#include "pkg/bandwidth/htb_shaper.h"
#include "test/netns/cni_world.h"

namespace sluice::cni {
namespace {

using testing::HasSubstr;

class CniSoft : public CniWorld, public testing::WithParamInterface<const char*> {
 protected:
  static std::string soft_conf(int floor_mbps, int ceiling_mbps, const std::string& more = {}) {
    return fmt::format(R"({{"cniVersion":"1.1.0","name":"soft-net","type":"sluice","provider":)"
                       R"("soft","master":"uplink0","child":"{}","lineRate":"1G","floor":"{}M",)"
                       R"("ceiling":"{}M","logLevel":"panic"{}}})",
                       GetParam(), floor_mbps, ceiling_mbps, more);
  }

  /// Lane `number`'s class as the kernel has it.
  std::optional<HtbClass> class_of(int number) {
    const int uplink = kernel_->links().find("uplink0").value()->index;
    const HtbClass wanted = htb_class(number, {}, BitRate::gbps(1));
    const auto classes = kernel_->traffic_control().value()->classes(uplink).value();
    for (const HtbClassState& state : classes) {
      if (state.settings.handle == wanted.handle) return state.settings;
    }
    return std::nullopt;
  }
};

TEST_P(CniSoft, FloorAndCeilingAreInTheLanesClass) {
  const PluginExit exit = call("ADD", c1_, soft_conf(500, 900, R"(,"ips":["192.0.2.7/24"])"));
  ASSERT_EQ(exit.status, 0) << exit.output;
  EXPECT_THAT(exit.output, HasSubstr(R"("ips":[{"interface":0,"address":"192.0.2.7/24"}])"));
  ASSERT_NE(class_of(0), std::nullopt);
  EXPECT_EQ(class_of(0)->rate, BitRate::mbps(500));
  EXPECT_EQ(class_of(0)->ceiling, BitRate::mbps(900));
  ASSERT_NE(link_in(*pod_, "net1"), std::nullopt);
  EXPECT_EQ(link_in(*pod_, "net1")->kind, GetParam());

  const std::string prev = R"(,"prevResult":)" + exit.output;
  expect_silent_success("CHECK", c1_, soft_conf(500, 900, prev));
  expect_silent_success("DEL", c1_, soft_conf(500, 900));
  expect_nothing_left();
}

TEST_P(CniSoft, RefusesWithTheNumbersWhatTheUplinkCannotCarry) {
  ASSERT_EQ(call("ADD", c1_, soft_conf(700, 900)).status, 0);
  const PluginExit refused = call("ADD", c2_, soft_conf(400, 900));
  EXPECT_EQ(code_of(refused), 101);
  EXPECT_THAT(refused.output,
              HasSubstr("port uplink0: 300 Mbit/s of 1 Gbit/s free, 400 Mbit/s asked"));
  EXPECT_EQ(class_of(1), std::nullopt);
  EXPECT_EQ(call("ADD", c2_, soft_conf(300, 900)).status, 0);
  EXPECT_EQ(class_of(1)->rate, BitRate::mbps(300));
  expect_silent_success("DEL", c1_, soft_conf(700, 900));
  EXPECT_EQ(class_of(0), std::nullopt);
  EXPECT_EQ(class_of(1)->rate, BitRate::mbps(300));
  expect_silent_success("DEL", c2_, soft_conf(300, 900));
  expect_nothing_left();
}

TEST_P(CniSoft, C47_AFailedIpamIsUndone) {
  const std::string with_ipam = soft_conf(500, 900, kWithIpam);
  EXPECT_EQ(code_of(call("ADD", c1_, with_ipam, {"IPAM_FAIL=ADD"})), 11);
  EXPECT_EQ(ipam_.calls(), "ADD DEL ");
  expect_nothing_left();
}

TEST_P(CniSoft, C63_DelSucceedsWhenTheNamespaceIsGone) {
  ASSERT_EQ(call("ADD", c1_, soft_conf(500, 900)).status, 0);
  pod_.reset();
  expect_silent_success("DEL", c1_, soft_conf(500, 900));
  expect_nothing_left();
}

INSTANTIATE_TEST_SUITE_P(Children, CniSoft, testing::Values("macvlan", "veth"),
                         [](const auto& child) { return std::string(child.param); });

}  // namespace
}  // namespace sluice::cni
