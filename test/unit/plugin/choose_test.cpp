#include "plugin/choose.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/support/result_matchers.h"

namespace sluice::plugin {
namespace {

ClassDevices gold() {
  return {.resource = "sluice.dev/gold",
          .floor = BitRate::gbps(10),
          .devices = {{.id = "0000:3b:02.0", .port = "0000:3b:00.0"},
                      {.id = "0000:3b:02.1", .port = "0000:3b:00.0"},
                      {.id = "0000:3b:02.2",
                       .port = "0000:3b:00.0",
                       .unhealthy = "port 0000:3b:00.0 has no driver"},
                      {.id = "0000:3b:02.3", .port = "0000:3b:00.0", .taken = "claim 'ml/a'"},
                      {.id = "0000:3b:02.4", .port = "0000:3b:00.0", .withdrawn = true},
                      {.id = "0000:3b:02.5",
                       .port = "0000:3b:00.0",
                       .unhealthy = "port 0000:3b:00.0 has no carrier",
                       .awaits_carrier = true}}};
}

TEST(Choose, GivesTheDevicesInTheOrderOfTheRequest) {
  const ClassDevices offered = gold();
  ASSERT_OK_AND_ASSIGN(const auto chosen, choose(offered, {"0000:3b:02.1", "0000:3b:02.0"}));
  EXPECT_THAT(chosen, testing::ElementsAre(&offered.devices[1], &offered.devices[0]));
}

TEST(Choose, RefusesWhatIsNotOffered) {
  EXPECT_THAT(
      choose(gold(), {"0000:3b:02.0", "0000:3b:09.0"}),
      FailsWith(Code::not_found, "device '0000:3b:09.0' is not offered under 'sluice.dev/gold'"));
}

TEST(Choose, RefusesWhatIsUnhealthyAndSaysWhy) {
  EXPECT_THAT(
      choose(gold(), {"0000:3b:02.2"}),
      FailsWith(Code::busy, "device '0000:3b:02.2' is unhealthy: port 0000:3b:00.0 has no driver"));
}

TEST(Choose, GivesWhatAwaitsItsCarrier) {
  EXPECT_THAT(choose(gold(), {"0000:3b:02.5"}), IsOk());
}

TEST(Choose, RefusesWhatIsHeldOtherwise) {
  EXPECT_THAT(choose(gold(), {"0000:3b:02.3"}),
              FailsWith(Code::busy, "device '0000:3b:02.3' is held by claim 'ml/a'"));
}

TEST(Choose, RefusesOneDeviceTwice) {
  EXPECT_THAT(choose(gold(), {"0000:3b:02.0", "0000:3b:02.0"}),
              FailsWith(Code::invalid_argument, "device '0000:3b:02.0' is asked for twice"));
}

TEST(Choose, GivesWhatWasWithdrawnButNotMovedYet) {
  EXPECT_THAT(choose(gold(), {"0000:3b:02.4"}), IsOk());
}

TEST(ResourceName, MustBeOneThatTheKubeletRegisters) {
  for (const char* good :
       {"sluice.dev/gold", "mellanox.com/mlnx_sriov_rdma", "a/10G", "x-y.z/a.b-c"}) {
    EXPECT_THAT(check_resource_name(good), IsOk());
  }
  const auto refuses = [](const std::string& name, const char* why) {
    EXPECT_THAT(check_resource_name(name), FailsWith(Code::invalid_argument, why));
  };
  refuses("gold", "resource name 'gold': want '<domain>/<name>'");
  refuses("a/b/c", "want '<domain>/<name>'");
  refuses("/gold", "the domain is no DNS name");
  refuses("Sluice.dev/gold", "in lower case");
  refuses("node.kubernetes.io/gold", "the domain is Kubernetes' own");
  refuses("requests.dev/gold", "'requests.' is what quotas put before a name");
  refuses("sluice.dev/", "at most 63");
  refuses("sluice.dev/-a", "at both ends");
  refuses("sluice.dev/a b", "at most 63");
  refuses("sluice.dev/" + std::string(64, 'x'), "at most 63");
  EXPECT_THAT(check_resource_name("sluice.dev/" + std::string(63, 'x')), IsOk());
}

TEST(Check, D21_RefusesAResourceOrADeviceThatIsThereTwice) {
  const auto device = [](const char* id) { return Device{.id = id, .port = "0000:3b:00.0"}; };
  const DeviceSnapshot twice{
      .classes = {{.resource = "a/x", .devices = {}}, {.resource = "a/x", .devices = {}}}};
  EXPECT_THAT(check(twice), FailsWith(Code::already_exists, "resource 'a/x' is there twice"));

  const DeviceSnapshot shared{
      .classes = {{.resource = "a/x", .devices = {device("0000:3b:02.0")}},
                  {.resource = "a/y", .devices = {device("0000:3b:02.0")}}}};
  EXPECT_THAT(check(shared), FailsWith(Code::already_exists,
                                       "device '0000:3b:02.0' is offered twice, now under 'a/y'"));

  const DeviceSnapshot bad{.classes = {{.resource = "gold", .devices = {}}}};
  EXPECT_THAT(check(bad), FailsWith(Code::invalid_argument, "resource name 'gold'"));
  EXPECT_THAT(check(DeviceSnapshot{.classes = {gold()}}), IsOk());
}

}  // namespace
}  // namespace sluice::plugin
