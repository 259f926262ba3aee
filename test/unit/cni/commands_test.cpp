#include <sys/stat.h>

#include <fstream>

#include "test/unit/cni/task_fixture.h"

namespace sluice::cni {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Add : public TaskTest {};
class Del : public TaskTest {};
class Check : public TaskTest {};
class Gc : public TaskTest {};
class Status : public TaskTest {};

TEST_F(Add, C20_AnswersWithTheInterface) {
  const auto result = perform(add);

  ASSERT_TRUE(result) << result.error().message;
  EXPECT_THAT(result->interfaces, ElementsAre(Interface{.name = "net1",
                                                        .mac = "02:00:00:00:00:00",
                                                        .mtu = 1500,
                                                        .sandbox = "/run/netns/p1",
                                                        .pci_id = vf(0)}));
  EXPECT_THAT(result->ips, IsEmpty());
}

TEST_F(Add, C21_SetsTheAddressesThatIpamAssigned) {
  const TestIpam ipam(dir / "");
  const auto result = perform(add, ipam.settings());

  ASSERT_TRUE(result) << result.error().message;
  ASSERT_EQ(result->ips.size(), 1U);
  EXPECT_EQ(result->ips[0].interface, 0);
  EXPECT_THAT(addresses_of_net1(), ElementsAre(*IpPrefix::parse("192.0.2.1/24")));
  EXPECT_EQ(ipam.calls(), "ADD ");
  EXPECT_EQ(ipam.input(), R"({"name":"rdma-net"})");
}

TEST_F(Add, SetsAddressesOfItsOwnConfiguration) {
  conf.ips = {*IpPrefix::parse("192.0.2.9/24")};
  ASSERT_TRUE(perform(add));
  EXPECT_THAT(addresses_of_net1(), ElementsAre(*IpPrefix::parse("192.0.2.9/24")));
}

TEST_F(Add, MergesThePreviousResult) {
  conf.prev_result = AddResult{.interfaces = {{.name = "eth0", .sandbox = "/run/netns/p1"}},
                               .ips = {{.interface = 0, .address = *IpPrefix::parse("10.0.0.1/8")}},
                               .routes = {},
                               .dns = {.domain = "old"}};
  conf.dns = {.domain = "new"};
  const TestIpam ipam(dir / "");

  const auto result = perform(add, ipam.settings());

  ASSERT_TRUE(result) << result.error().message;
  ASSERT_EQ(result->interfaces.size(), 2U);
  EXPECT_EQ(result->interfaces[0].name, "eth0");
  ASSERT_EQ(result->ips.size(), 2U);
  EXPECT_EQ(result->ips[0].interface, 0);
  EXPECT_EQ(result->ips[1].interface, 1);
  EXPECT_EQ(result->dns.domain, "new");
}

TEST_F(Add, C41_RefusesADeviceThatIsNotThere) {
  conf.lane.made_of = OfVf{*PciAddress::parse("0000:ff:00.0")};
  conf.device = "0000:ff:00.0";
  EXPECT_THAT(perform(add), FailsAs(ErrorCode::not_found, "0000:ff:00.0"));
}

TEST_F(Add, C47_AFailedIpamIsUndoneAndTheVfRestored) {
  const TestIpam ipam(dir / "");
  EXPECT_THAT(perform(add, ipam.settings("ADD")),
              FailsAs(ErrorCode::try_again, "IPAM ADD by 'test-ipam': pool is busy"));
  EXPECT_EQ(ipam.calls(), "ADD DEL ");
  expect_baseline(0);
  EXPECT_EQ(recorded(), 0U);
}

TEST_F(Add, AnAddressIsGivenBackWhenTheLaneIsOffTheWire) {
  TestIpam ipam(dir / "");
  ipam.script(R"(if [ "$CNI_COMMAND" = ADD ]; then cp -r run/ports at_add; exit 1; fi
cp -r run/ports at_del)");
  EXPECT_FALSE(perform(add, ipam.settings()));
  const auto lanes_in = [&](const std::string& copy) {
    const std::string path = fmt::format("{}/{}.json", copy, kPort);
    return dir.has(path) && dir.read(path).find("\"container_id\":\"c1\"") != std::string::npos;
  };
  EXPECT_TRUE(lanes_in("at_add"));
  EXPECT_FALSE(lanes_in("at_del"));
}

TEST_F(Add, C48_AnAnswerWithoutAddressesIsUndone) {
  TestIpam ipam(dir / "");
  ipam.answer(R"({"cniVersion":"1.1.0"})");
  EXPECT_THAT(perform(add, ipam.settings()), FailsAs(ErrorCode::ipam_failed, "no addresses"));
  EXPECT_EQ(ipam.calls(), "ADD DEL ");
  expect_baseline(0);
}

TEST_F(Add, C47_AddressesThatCannotBeSetAreUndone) {
  const TestIpam ipam(dir / "");
  kernel->node().addresses(netns("p1"))->fail(Error::from_errno(EINVAL, "add address"));
  EXPECT_THAT(perform(add, ipam.settings()), FailsAs(ErrorCode::invalid_config, "EINVAL"));
  EXPECT_EQ(ipam.calls(), "ADD DEL ");
  expect_baseline(0);
}

TEST_F(Add, AFailedDeviceInfoIsUndone) {
  std::ofstream(dir / "file") << "x";
  conf.device_info_file = dir / "file/a.json";  // Not a directory.
  EXPECT_THAT(perform(add), FailsAs(ErrorCode::internal, "device info: "));
  expect_baseline(0);
}

TEST_F(Add, C49_AVfOfALivePodIsTryAgain) {
  ASSERT_THAT(attach(request(0, "c9", "net1", "p0")), IsOk());
  EXPECT_THAT(perform(add), FailsAs(ErrorCode::try_again, vf(0)));
  EXPECT_EQ(recorded(), 1U);
}

TEST_F(Add, ANameThatIsTakenInThePodIs102) {
  kernel->node().add_link({.name = "net1"}, netns("p1"));
  EXPECT_THAT(perform(add), FailsAs(ErrorCode::name_taken, "net1"));
  EXPECT_EQ(recorded(), 0U);
}

TEST_F(Add, ASecondAddWithoutDelIsRefusedAndTheLaneStays) {
  ASSERT_TRUE(perform(add));
  EXPECT_THAT(perform(add), FailsAs(ErrorCode::name_taken, "net1"));
  EXPECT_NE(in_pod("net1"), nullptr);
  EXPECT_EQ(recorded(), 1U);
}

TEST_F(Add, RefusesANamespaceThatIsNotThere) {
  environment.netns = "/run/netns/nosuch";
  EXPECT_THAT(perform(add), FailsAs(ErrorCode::invalid_netns, "/run/netns/nosuch"));
}

TEST_F(Add, NeedsAPathToRunIpam) {
  EXPECT_THAT(perform(add, {.type = "test-ipam"}),
              FailsAs(ErrorCode::invalid_environment, "CNI_PATH"));
  EXPECT_THAT(perform(add, {.type = "nosuch", .path = {"/nowhere"}}),
              FailsAs(ErrorCode::ipam_failed, "no such plugin in '/nowhere'"));
  expect_baseline(0);
}

TEST_F(Del, C61_IsSuccessTwiceAndForWhatWasNeverAdded) {
  ASSERT_TRUE(perform(del));
  ASSERT_TRUE(perform(add));
  ASSERT_TRUE(perform(del));
  EXPECT_TRUE(perform(del));
  expect_baseline(0);
}

TEST_F(Del, C62_NeedsNoNamespace) {
  const TestIpam ipam(dir / "");
  ASSERT_TRUE(perform(add, ipam.settings()));
  environment.netns.clear();
  ASSERT_TRUE(perform(del, ipam.settings()));
  EXPECT_EQ(ipam.calls(), "ADD DEL ");
  expect_baseline(0);
}

TEST_F(Del, C63_AVfThatTheKernelReturnedIsRenamedBack) {
  const TestIpam ipam(dir / "");
  ASSERT_TRUE(perform(add, ipam.settings()));
  const auto gone = netns("p1");
  kernel->node().unlink_netns("/run/netns/p1");
  kernel->node().kill_netns(gone);
  returned_as(0, "net1");
  ASSERT_TRUE(perform(del, ipam.settings()));
  EXPECT_EQ(ipam.calls(), "ADD DEL ");
  expect_baseline(0);
}

TEST_F(Del, C65_AFailedIpamDoesNotKeepTheVf) {
  const TestIpam ipam(dir / "");
  ASSERT_TRUE(perform(add, ipam.settings()));
  EXPECT_THAT(perform(del, ipam.settings("DEL")),
              FailsAs(ErrorCode::try_again, "IPAM DEL by 'test-ipam': pool is busy"));
  expect_baseline(0);
  EXPECT_EQ(recorded(), 0U);
  kernel->log().clear();
  EXPECT_TRUE(perform(del, ipam.settings()));
  EXPECT_THAT(kernel->log().matching("set_vf"), IsEmpty());
  EXPECT_EQ(ipam.calls(), "ADD DEL DEL ");
}

TEST_F(Check, C71_IsSuccessWhenAllIsAsItWasGiven) {
  const TestIpam ipam(dir / "");
  conf.prev_result = *perform(add, ipam.settings());
  const auto checked = perform(check, ipam.settings());
  EXPECT_TRUE(checked) << checked.error().message;
  EXPECT_EQ(ipam.calls(), "ADD CHECK ");
}

TEST_F(Check, C71_SaysWhatDiffers) {
  const TestIpam ipam(dir / "");
  const AddResult given = *perform(add, ipam.settings());

  conf.prev_result = given;
  conf.prev_result->ips[0].address = *IpPrefix::parse("192.0.2.77/24");
  EXPECT_THAT(perform(check), FailsAs(ErrorCode::mismatch, "address 192.0.2.77/24"));

  conf.prev_result = given;
  conf.prev_result->routes.push_back({.destination = *IpPrefix::parse("198.51.100.0/24")});
  EXPECT_THAT(perform(check), FailsAs(ErrorCode::mismatch, "route to 198.51.100.0/24"));

  conf.prev_result = given;
  conf.prev_result->interfaces[0].mac = "02:00:00:00:00:99";
  EXPECT_THAT(perform(check), FailsAs(ErrorCode::mismatch, "02:00:00:00:00:99"));

  conf.prev_result = given;
  conf.prev_result->interfaces[0].name = "other";
  EXPECT_THAT(perform(check), FailsAs(ErrorCode::invalid_config, "no interface 'net1'"));
}

TEST_F(Check, WithoutALaneIsNotFound) {
  conf.prev_result = AddResult();
  EXPECT_THAT(perform(check), FailsAs(ErrorCode::not_found, "check lane"));
}

TEST_F(Gc, C74_ReleasesWhatTheRuntimeDoesNotKnow) {
  conf.device_info_file = dir / "c1.json";
  ASSERT_TRUE(perform(add));
  ASSERT_THAT(attach(request(1, "c2", "net1", "p0")), IsOk());
  LaneRequest other = request(2, "c3", "net2", "p0");
  other.owner.network = "other-net";
  ASSERT_THAT(attach(other), IsOk());
  conf.keep = {{"c1", "net1"}};
  const TestIpam ipam(dir / "");

  const auto collected = perform(gc, ipam.settings());

  ASSERT_TRUE(collected) << collected.error().message;
  EXPECT_EQ(recorded(), 2U);
  expect_baseline(1);
  EXPECT_EQ(::access((dir / "c1.json").c_str(), F_OK), 0);
  EXPECT_EQ(ipam.calls(), "GC ");

  conf.keep.clear();
  ASSERT_TRUE(perform(gc));
  expect_baseline(0);
  EXPECT_NE(::access((dir / "c1.json").c_str(), F_OK), 0);
  EXPECT_EQ(recorded(), 1U);
}

TEST_F(Status, C76_IsForwardedToIpam) {
  const TestIpam ipam(dir / "");
  const auto ask = [&](const Task& task) { return status(task, dir / "run"); };
  EXPECT_TRUE(perform(ask, ipam.settings()));
  EXPECT_EQ(ipam.calls(), "STATUS ");
  EXPECT_THAT(perform(ask, ipam.settings("STATUS")), FailsAs(ErrorCode::try_again, "busy"));
}

TEST_F(Status, C76_IsUnavailableWithoutARunDirectory) {
  EXPECT_THAT(perform([&](const Task& task) { return status(task, dir / "nosuch"); }),
              FailsAs(ErrorCode::unavailable, "nosuch' is not writable: ENOENT"));
}

}  // namespace
}  // namespace sluice::cni
