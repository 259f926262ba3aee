#include "pkg/ledger/record.h"

#include "test/support/result_matchers.h"

namespace sluice {
namespace {

LaneRecord full_lane() {
  return {.id = "0000:3b:02.1",
          .provider = "vf",
          .number = 1,
          .phase = Phase::attached,
          .owner = {.network = "rdma-net",
                    .container_id = "c1",
                    .ifname = "net1",
                    .netns = "/run/netns/p1",
                    .netns_cookie = 18'446'744'073'709'551'615ULL,
                    .pod = "ml/trainer-0",
                    .pod_uid = "5f0c",
                    .beside = "eth0"},
          .class_name = "gold",
          .asked = {.floor = BitRate::gbps(40), .ceiling = BitRate::gbps(100)},
          .in_force = {.floor = BitRate::gbps(40), .ceiling = BitRate::gbps(100)},
          .settings = {.mac = *MacAddress::parse("60:00:00:00:00:e1"),
                       .vlan = VlanTag{.id = 1234, .qos = 4, .protocol = VlanTag::kDot1ad},
                       .spoofchk = false,
                       .trust = true,
                       .link_state = VfLinkState::disable},
          .home = {.name = "ens1f0v1", .mac = *MacAddress::parse("02:00:00:00:00:01"), .mtu = 9000},
          .link_index = 12,
          .rdma_device = "mlx5_3",
          .child = {},
          .mtu = 2000,
          .lost = Lost::rdma_device,
          .char_devices = {"uverbs3", "umad3"}};
}

PortRecord full_port() {
  LaneRecord plain;
  plain.id = "0000:3b:02.2";
  plain.provider = "vf";
  plain.number = 2;
  plain.phase = Phase::reserved;
  return {.port = "0000:3b:00.0",
          .driver = "mlx5_core",
          .line_rate = BitRate::gbps(100),
          .carrier_changes = 7,
          .spoofchk = false,
          .usable_part = {.fixed = BitRate::gbps(40), .percent = 30},
          .lanes = {full_lane(), plain},
          .unreset = {{.id = "0000:3b:02.3",
                       .number = 3,
                       .settings = {.mac = *MacAddress::parse("02:00:00:00:00:03"),
                                    .vlan = VlanTag{},
                                    .rate = Rate{},
                                    .spoofchk = true,
                                    .trust = false,
                                    .link_state = VfLinkState::automatic}},
                      {.id = "0000:3b:02.4", .number = 4, .settings = {.rate = Rate{}}}}};
}

TEST(PortRecord, ComesBackAsItWasWritten) {
  ASSERT_OK_AND_ASSIGN(const DecodedPort decoded, decode_port(encode(full_port(), "boot-1")));
  EXPECT_EQ(decoded.record, full_port());
  EXPECT_EQ(decoded.boot_id, "boot-1");
}

TEST(PortRecord, KeepsOneNoteAVfOfWhatIsToBeReset) {
  PortRecord port;
  port.note_unreset({.id = "a", .settings = {.trust = false}});
  port.note_unreset({.id = "a", .settings = {.rate = Rate{}}});
  ASSERT_NE(port.find_unreset("a"), nullptr);
  EXPECT_EQ(port.find_unreset("a")->settings, (VfSettings{.rate = Rate{}}));
  EXPECT_TRUE(port.is_worth_a_file());
  port.note_unreset({.id = "a", .settings = {}});
  EXPECT_EQ(port.find_unreset("a"), nullptr);
  EXPECT_FALSE(port.is_worth_a_file());
}

TEST(PortRecord, OfAVersionThatKeptNothingBackKeepsNothingBack) {
  std::string text = encode(full_port(), "boot-1");
  const std::string member = R"("usable":{"fixed":40000000000,"percent":30},)";
  ASSERT_NE(text.find(member), std::string::npos);
  text.erase(text.find(member), member.size());
  ASSERT_OK_AND_ASSIGN(const DecodedPort decoded, decode_port(text));
  EXPECT_EQ(decoded.record.usable(), BitRate::gbps(100));
}

TEST(PortRecord, IsWorthAFileForWhatItKeepsBack) {
  PortRecord port;
  EXPECT_FALSE(port.is_worth_a_file());
  port.usable_part.percent = 99;
  EXPECT_TRUE(port.is_worth_a_file());
}

TEST(PortRecord, KeepsBackAtWhateverLineRate) {
  PortRecord port = full_port();
  EXPECT_EQ(port.usable(), BitRate::gbps(70));
  port.line_rate = BitRate::gbps(10);
  EXPECT_EQ(port.usable(), BitRate::gbps(10)) << "the fixed part alone is more than there is";
  port.line_rate = BitRate();
  EXPECT_EQ(port.usable(), BitRate());
}

TEST(PortRecord, HasOneLaneALineForPeople) {
  const std::string text = encode(full_port(), "boot-1");
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3);
  EXPECT_NE(text.find("\n{\"asked\":"), std::string::npos);
}

TEST(PortRecord, PassesOverMembersThatItDoesNotKnow) {
  std::string text = encode(full_port(), "boot-1");
  text.replace(text.find("\"driver\""), 0,
               R"("id":7,"more":{"lanes":[{"id":3}]},"list":[[1],{}],)");
  text.replace(text.find("\"asked\""), 0, R"("hue":{"asked":[{"floor":"x"}]},)");

  ASSERT_OK_AND_ASSIGN(const DecodedPort decoded, decode_port(text));

  EXPECT_EQ(decoded.record, full_port());
}

TEST(PortRecord, SurvivesANameThatIsNotUtf8) {
  PortRecord port = full_port();
  port.lanes[0].home.name = "ens\xff";
  EXPECT_THAT(decode_port(encode(port, "boot-1")), IsOk());
}

TEST(PortRecord, CutAnywhereIsRefusedAndNeverMisread) {
  const std::string text = encode(full_port(), "boot-1");
  for (std::size_t length = 0; length < text.size() - 1; ++length) {
    EXPECT_FALSE(decode_port(text.substr(0, length))) << length;
  }
}

struct Damage {
  const char* from;
  const char* to;
  const char* complaint;
};

class DamagedRecord : public testing::TestWithParam<Damage> {};

TEST_P(DamagedRecord, IsRefusedWithThePointerOfTheProblem) {
  std::string text = encode(full_port(), "boot-1");
  const auto at = text.find(GetParam().from);
  ASSERT_NE(at, std::string::npos);
  text.replace(at, std::string(GetParam().from).size(), GetParam().to);
  EXPECT_THAT(decode_port(text), FailsWith(Code::data_loss, GetParam().complaint));
}

INSTANTIATE_TEST_SUITE_P(
    Each, DamagedRecord,
    testing::Values(
        Damage{"\"version\":1", "\"version\":2", "/version: want 1"},
        Damage{"\"phase\":\"attached\"", "\"phase\":\"lost\"", "/lanes/0/phase: want"},
        Damage{"\"number\":1", "\"number\":-1", "/lanes/0/number: want a whole number"},
        Damage{"\"number\":1", "\"number\":99999999999", "/lanes/0/number: 99999999999"},
        Damage{"\"mtu\":9000", "\"mtu\":\"x\"", "/lanes/0/home/mtu: want"},
        Damage{"\"ifname\":\"net1\"", "\"ifname\":7", "/lanes/0/owner/ifname: want a"},
        Damage{"\"id\":1234", "\"id\":70000", "/lanes/0/settings/vlan/id: 70000"},
        Damage{"\"spoofchk\":false,\"unreset\"", "\"spoofchk\":1,\"unreset\"",
               "/spoofchk: want a boolean"},
        Damage{"\"spoofchk\":false,\"trust\"", "\"spoofchk\":0,\"trust\"",
               "/lanes/0/settings/spoofchk"},
        Damage{"\"link_state\":\"disable\"", "\"link_state\":\"on\"",
               "/lanes/0/settings/link_state: want auto"},
        Damage{"60:00:00:00:00:e1", "60:00", "/lanes/0/settings/mac: want a MAC"},
        Damage{"\"lanes\":[", "\"lines\":[", "/lanes: want an array"},
        Damage{"\"mtu\":9000", "\"width\":9000", "/lanes/0/home/mtu: want a whole"},
        Damage{"\"qos\":4", "\"cos\":4", "/lanes/0/settings/vlan/qos: want"},
        Damage{"\"id\":\"0000:3b:02.1\"", "\"id\":[]", "/lanes/0/id: want a string"},
        Damage{"\"lanes\":[", "\"lanes\":[3,", "/lanes/0: want an object"},
        Damage{"\"lanes\":[", "\"lanes\":[[],", "/lanes/0: want an object"},
        Damage{"\"lanes\":[", "\"lanes\":2,\"more\":[", "/lanes: want an array"},
        Damage{"\"id\":\"0000:3b:02.4\"", "\"id\":4", "/unreset/1/id: want a string"},
        Damage{"\"unreset\":[", "\"unreset\":[7,", "/unreset/0: want an object"},
        Damage{"\"percent\":30", "\"percent\":\"30%\"", "/usable/percent: want a whole number"},
        Damage{"\"unreset\":[", "\"unreset\":7,\"x\":[", "/unreset: want an array"},
        Damage{"\"boot_id\":", "\"boot\":", "/boot_id: want a string"}));

TEST(PortRecord, RefusesWhatIsNoRecordAtAll) {
  EXPECT_THAT(decode_port(""), FailsWith(Code::data_loss, "not JSON"));
  EXPECT_THAT(decode_port("[]"), FailsWith(Code::data_loss, "want an object"));
  EXPECT_THAT(decode_port("{}"), FailsWith(Code::data_loss, "/version"));
}

TEST(PortLabel, IsWhatPeopleCallThePort) {
  EXPECT_EQ(port_label("link-eth0"), "eth0");
  EXPECT_EQ(port_label("0000:3b:00.0"), "0000:3b:00.0");
}

}  // namespace
}  // namespace sluice
