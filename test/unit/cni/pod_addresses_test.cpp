// Pod mode: addresses of the lanes, from the IPAM plugins of their networks.
#include <algorithm>
#include <iterator>
#include <sstream>

#include "test/unit/cni/pod_mode_fixture.h"

namespace sluice::cni {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;

class PodAddresses : public PodModeTest {
 protected:
  PodAddresses() {
    // A lease a file: net1 has 192.0.2.1, net2 has 192.0.2.2, …
    ipam.script(R"(printf '%s:%s ' "$CNI_COMMAND" "$CNI_IFNAME" >> calls; cat > stdin
if [ "$IPAM_FAIL" = "$CNI_COMMAND:$CNI_IFNAME" ]; then
  echo '{"code":11,"msg":"pool is busy"}'; exit 1
fi
mkdir -p leases
case $CNI_COMMAND in
  ADD) : > "leases/$CNI_CONTAINERID:$CNI_IFNAME"
       echo '{"ips":[{"address":"192.0.2.'"${CNI_IFNAME#net}"'/24","gateway":"192.0.2.254"}]}' ;;
  DEL) rm -f "leases/$CNI_CONTAINERID:$CNI_IFNAME" ;;
esac)");
  }

  static PodLane on_rail(int index, const std::string& routes = "[]") {
    PodLane lane = gold(index);
    lane.network = LaneNetwork{
        .name = "rail0",
        .cni = R"({"cniVersion":"1.0.0","ipam":{"type":"test-ipam"},"name":"sluice-rail0",)"
               R"("routes":)" +
               routes + R"(,"type":"sluice"})",
        .mtu = {}};
    return lane;
  }

  template <typename Verb>
  auto with_ipam(Verb verb, const std::string& fail = {}) {
    Ipam::Settings settings = ipam.settings(fail);
    settings.type.clear();  // The network configuration itself has none.
    settings.input.clear();
    settings.variables.emplace_back("CNI_CONTAINERID=" + environment.container_id);
    return perform(verb, settings);
  }

  std::vector<IpPrefix> addresses_of(const std::string& name) {
    return kernel->node().addresses(netns("p1"))->links[in_pod(name)->link.index].addresses;
  }

  // Sorted: plugins run at the same time.
  std::vector<std::string> calls() const {
    std::istringstream text(ipam.calls());
    std::vector<std::string> all{std::istream_iterator<std::string>(text), {}};
    std::ranges::sort(all);
    return all;
  }

  static IpPrefix ip(const char* text) { return IpPrefix::parse(text).value(); }

  bool has_lease(const std::string& name) { return dir.has("leases/" + name); }

  TestIpam ipam{dir / ""};
};

TEST_F(PodAddresses, EachLaneHasThoseOfItsNetworkAndTheAnswerSaysWhose) {
  give({on_rail(0), gold(1), on_rail(2, R"([{"dst":"10.9.0.0/16"}])")});
  const auto result = with_ipam(add_pod);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_THAT(calls(), ElementsAre("ADD:net1", "ADD:net3"));
  EXPECT_THAT(ipam.input(), HasSubstr(R"("name":"sluice-rail0")"));
  EXPECT_THAT(addresses_of("net1"), ElementsAre(ip("192.0.2.1/24")));
  EXPECT_THAT(addresses_of("net2"), IsEmpty());
  EXPECT_THAT(addresses_of("net3"), ElementsAre(ip("192.0.2.3/24")));

  const AddResult& answer = **result;
  ASSERT_EQ(answer.ips.size(), 3U);
  EXPECT_EQ(answer.ips[0], conf.prev_result->ips[0]);
  EXPECT_EQ(answer.ips[1].interface, 1);
  EXPECT_EQ(answer.ips[2].interface, 3);
  ASSERT_EQ(answer.routes.size(), 1U);
  EXPECT_EQ(answer.routes[0].destination, ip("10.9.0.0/16"));

  conf.prev_result = answer;
  const auto checked = with_ipam(check_pod);
  EXPECT_TRUE(checked) << checked.error().message;
  EXPECT_THAT(calls(), IsSupersetOf({"CHECK:net1", "CHECK:net3"}));
}

TEST_F(PodAddresses, WithRulesEachLaneHasATableOfItsOwn) {
  PodLane first = on_rail(0);
  PodLane second = on_rail(1);
  for (PodLane* const lane : {&first, &second}) {
    lane->network->cni.insert(1, R"("rules":true,)");
  }
  give({first, second});
  conf.prev_result = **with_ipam(add_pod);
  const auto in_pod_netns = kernel->addresses_in(NetNs::fake(netns("p1"))).value();
  const std::vector<SourceRule> rules = in_pod_netns->rules().value();
  ASSERT_EQ(rules.size(), 2U);
  EXPECT_EQ(rules[0].from, ip("192.0.2.1/24").address);
  EXPECT_EQ(rules[1].from, ip("192.0.2.2/24").address);
  EXPECT_NE(rules[0].table, rules[1].table);
  const auto checked = with_ipam(check_pod);
  EXPECT_TRUE(checked) << checked.error().message;
  ASSERT_THAT(in_pod_netns->remove_rule(rules[1]), IsOk());
  EXPECT_THAT(with_ipam(check_pod), FailsAs(ErrorCode::mismatch, "rule from 192.0.2.2 lookup"));
}

TEST_F(PodAddresses, AFailedAddLeavesNoRules) {
  PodLane first = on_rail(0);
  first.network->cni.insert(1, R"("rules":true,)");
  give({first, on_rail(1)});
  EXPECT_FALSE(with_ipam(add_pod, "ADD:net2"));
  EXPECT_THAT(kernel->addresses_in(NetNs::fake(netns("p1"))).value()->rules().value(), IsEmpty());
}

TEST_F(PodAddresses, ALaneHasTheMtuOfItsNetwork) {
  PodLane lane = gold(0);
  lane.network = LaneNetwork{.name = "rail0", .cni = {}, .mtu = 1400};
  give({lane});
  const auto result = with_ipam(add_pod);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ((*result)->interfaces[1].mtu, 1400);
  EXPECT_EQ(ipam.calls(), "");
}

TEST_F(PodAddresses, DelGivesThemBackWithoutTheAgent) {
  give({on_rail(0), on_rail(1)});
  ASSERT_TRUE(with_ipam(add_pod));
  EXPECT_TRUE(has_lease("c1:net1"));
  server.reset();
  EXPECT_TRUE(with_ipam(del));
  EXPECT_THAT(calls(), ElementsAre("ADD:net1", "ADD:net2", "DEL:net1", "DEL:net2"));
  EXPECT_FALSE(has_lease("c1:net1"));
  EXPECT_FALSE(has_lease("c1:net2"));
  EXPECT_FALSE(dir.has("lib/leases/c1:eth0"));
  EXPECT_TRUE(with_ipam(del));
  EXPECT_THAT(calls(), ElementsAre("ADD:net1", "ADD:net2", "DEL:net1", "DEL:net2"));
}

TEST_F(PodAddresses, AGrantedLaneHasThoseOfTheNetworkThatItsGrantNames) {
  const LaneNetwork network = *on_rail(0).network;
  ASSERT_THAT(aside->offers.save({}), IsOk());
  const std::vector<Grant> grants = {{.uid = "claim-1",
                                      .name = "default/fast",
                                      .pod_uid = "5f0c",
                                      .vfs = {{.vf = vf(2),
                                               .port = kPort,
                                               .ifname = "net7",
                                               .network = network.name,
                                               .cni = network.cni}}}};
  ASSERT_THAT(aside->grants.save(grants), IsOk());
  server.reset();
  const auto result = with_ipam(add_pod);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_THAT(addresses_of("net7"), ElementsAre(ip("192.0.2.7/24")));
  EXPECT_TRUE(with_ipam(del));
  EXPECT_FALSE(has_lease("c1:net7"));
}

TEST_F(PodAddresses, NothingIsLeftWhenThePluginFailsOnTheThirdOfFour) {
  give({on_rail(0), on_rail(1), on_rail(2), on_rail(3)});
  EXPECT_THAT(with_ipam(add_pod, "ADD:net3"),
              FailsAs(ErrorCode::try_again,
                      "addresses of 'net3' in network 'rail0': IPAM ADD by 'test-ipam': pool is "
                      "busy"));
  EXPECT_THAT(calls(), ElementsAre("ADD:net1", "ADD:net2", "ADD:net3", "ADD:net4", "DEL:net1",
                                   "DEL:net2", "DEL:net3", "DEL:net4"));
  expect_no_lane();
  for (const char* const name : {"c1:net1", "c1:net2", "c1:net3", "c1:net4"}) {
    EXPECT_FALSE(has_lease(name)) << name;
  }
  EXPECT_FALSE(dir.has("lib/leases/c1:eth0"));
}

TEST_F(PodAddresses, ASecondAddLeavesThoseOfTheFirstAlone) {
  give({on_rail(0)});
  ASSERT_TRUE(with_ipam(add_pod));
  give({on_rail(1)});
  EXPECT_THAT(with_ipam(add_pod),
              FailsAs(ErrorCode::name_taken, "eth0 of container 'c1' has addresses already"));
  EXPECT_TRUE(has_lease("c1:net1"));
  EXPECT_EQ(recorded(), 1U);
}

TEST_F(PodAddresses, APluginThatIsMissingIsNamed) {
  PodLane lane = on_rail(0);
  lane.network->cni = R"({"ipam":{"type":"whereabouts"},"name":"sluice-rail0"})";
  give({lane});
  EXPECT_THAT(with_ipam(add_pod),
              FailsAs(ErrorCode::ipam_failed,
                      "addresses of 'net1' in network 'rail0': IPAM plugin 'whereabouts': no such "
                      "plugin in"));
  expect_no_lane();
  EXPECT_FALSE(dir.has("lib/leases/c1:eth0"));  // Else each DEL would want the plugin.
}

TEST_F(PodAddresses, AnAnswerWithoutAddressesIsNone) {
  ipam.script(R"(if [ "$CNI_COMMAND" = ADD ]; then echo '{"ips":[]}'; fi)");
  give({on_rail(0)});
  EXPECT_THAT(with_ipam(add_pod), FailsAs(ErrorCode::ipam_failed, "answer has no addresses"));
  expect_no_lane();
}

// Each route goes through the gateway of its own family.
TEST_F(PodAddresses, APluginMayGiveAddressesOfBothFamilies) {
  ipam.script(R"(if [ "$CNI_COMMAND" = ADD ]; then echo '{"ips":[
  {"address":"fd00::2/64","gateway":"fd00::1"},{"address":"192.0.2.2/24","gateway":"192.0.2.1"}],
  "routes":[{"dst":"10.0.0.0/8"},{"dst":"fd00:1::/32"}]}'; fi)");
  give({on_rail(0)});
  conf.prev_result = **with_ipam(add_pod);
  EXPECT_THAT(addresses_of("net1"), ElementsAre(ip("fd00::2/64"), ip("192.0.2.2/24")));
  ASSERT_EQ(conf.prev_result->routes.size(), 2U);
  EXPECT_EQ(conf.prev_result->routes[0].gateway, ip("192.0.2.1/24").address);
  EXPECT_EQ(conf.prev_result->routes[1].gateway, ip("fd00::1/64").address);
  const auto checked = with_ipam(check_pod);
  EXPECT_TRUE(checked) << checked.error().message;
}

TEST_F(PodAddresses, AnAddressThatThePodHasIsRefused) {
  ipam.script(R"(printf '%s ' "$CNI_COMMAND" >> calls
if [ "$CNI_COMMAND" = ADD ]; then echo '{"ips":[{"address":"192.0.2.1/24"}]}'; fi)");
  give({on_rail(0), on_rail(1)});
  EXPECT_THAT(with_ipam(add_pod),
              FailsAs(ErrorCode::ipam_failed,
                      "addresses of 'net2' in network 'rail0': the pod has 192.0.2.1 already"));
  EXPECT_EQ(ipam.calls(), "ADD ADD DEL DEL ");
  expect_no_lane();
}

TEST_F(PodAddresses, WhatAPluginKeepsIsGivenBackByTheNextDel) {
  give({on_rail(0), on_rail(1)});
  ASSERT_TRUE(with_ipam(add_pod));
  EXPECT_THAT(with_ipam(del, "DEL:net2"), FailsAs(ErrorCode::try_again, "pool is busy"));
  EXPECT_FALSE(has_lease("c1:net1"));
  EXPECT_TRUE(has_lease("c1:net2"));
  EXPECT_EQ(recorded(), 0U);
  EXPECT_TRUE(with_ipam(del));
  EXPECT_FALSE(has_lease("c1:net2"));
}

TEST_F(PodAddresses, AnAddressStaysWhileItsLaneIsNotHome) {
  give({on_rail(0)});
  ASSERT_TRUE(with_ipam(add_pod));
  kernel->log().fail_on("name=eth0v0", Error::from_errno(EINVAL, "rename"));
  EXPECT_FALSE(with_ipam(del));
  EXPECT_TRUE(has_lease("c1:net1"));
  EXPECT_TRUE(with_ipam(del));
  EXPECT_FALSE(has_lease("c1:net1"));
}

TEST_F(PodAddresses, GcGivesBackThoseOfUnknownAttachments) {
  give({on_rail(0)});
  ASSERT_TRUE(with_ipam(add_pod));
  environment.container_id.clear();  // GC is about no container.
  conf.keep = {{"c1", "eth0"}};
  ASSERT_TRUE(with_ipam(gc));
  EXPECT_TRUE(has_lease("c1:net1"));
  conf.keep.clear();
  ASSERT_TRUE(with_ipam(gc));
  EXPECT_FALSE(has_lease("c1:net1"));
  EXPECT_FALSE(dir.has("lib/leases/c1:eth0"));
}

TEST_F(PodAddresses, CheckSaysWhichAddressAPodTookAway) {
  give({on_rail(0)});
  conf.prev_result = **with_ipam(add_pod);
  kernel->node().addresses(netns("p1"))->links[in_pod("net1")->link.index].addresses.clear();
  EXPECT_THAT(
      with_ipam(check_pod),
      FailsAs(ErrorCode::mismatch, "address 192.0.2.1/24 of prevResult is not on the link"));
}

}  // namespace
}  // namespace sluice::cni
