#include "pkg/podlanes/protocol.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/support/result_matchers.h"

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

const PodId kPod{.name_space = "default", .name = "web-0", .uid = "5f0c"};

PodLane lane(const char* vf, const std::string& class_name, const std::string& ifname = {}) {
  return {.vf = PciAddress::parse(vf).value(), .class_name = class_name, .ifname = ifname};
}

TEST(PodLanesProtocol, AQuestionIsOneLineOfJson) {
  EXPECT_EQ(encode_question(kPod),
            R"({"version":1,"namespace":"default","pod":"web-0","uid":"5f0c"})");
  EXPECT_EQ(decode_question(encode_question(kPod)).value(), kPod);
  const PodId nameless{.name_space = "default", .name = "web-0", .uid = {}};
  EXPECT_EQ(decode_question(encode_question(nameless)).value(), nameless);
}

TEST(PodLanesProtocol, AnAnswerListsTheLanesInOrder) {
  const std::vector<PodLane> lanes = {lane("0000:3b:02.1", "gold", "rdma0"),
                                      lane("0000:3b:02.0", "")};
  EXPECT_EQ(encode_answer(lanes),
            R"({"version":1,"lanes":[{"vf":"0000:3b:02.1","class":"gold","interface":"rdma0"},)"
            R"({"vf":"0000:3b:02.0"}]})");
  EXPECT_EQ(decode_answer(encode_answer(lanes)).value(), lanes);
  EXPECT_EQ(encode_answer(std::vector<PodLane>()), R"({"version":1,"lanes":[]})");
  EXPECT_THAT(decode_answer(R"({"version":1,"lanes":[]})").value(), IsEmpty());
}

TEST(PodLanesProtocol, AnErrorTravelsWithItsCodeAndMessage) {
  for (int i = 0; i <= static_cast<int>(Code::internal); ++i) {
    const Error error(static_cast<Code>(i), "the kubelet does not answer");
    const auto answer = decode_answer(encode_answer(error));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code(), error.code());
    EXPECT_EQ(answer.error().message(), error.message());
  }
}

TEST(PodLanesProtocol, AnErrorOfAnUnknownKindIsInternal) {
  const auto answer = decode_answer(R"({"version":1,"error":"weather"})");
  EXPECT_THAT(answer, FailsWith(Code::internal, "no reason given"));
}

TEST(PodLanesProtocol, MembersItDoesNotKnowArePassedOver) {
  EXPECT_THAT(
      decode_answer(R"({"version":1,"lanes":[{"vf":"0000:3b:02.1","mtu":9000}],"x":1})").value(),
      testing::ElementsAre(lane("0000:3b:02.1", "")));
}

PodLane rich_lane() {
  PodLane rich = lane("0000:3b:02.1", "gold");
  rich.rate = Rate{.floor = BitRate::gbps(5), .ceiling = {}};
  rich.settings.vlan = VlanTag{.id = 7};
  rich.settings.trust = true;
  rich.network = LaneNetwork{.name = "rail0",
                             .cni = R"({"ipam":{"type":"host-local"},"name":"sluice-rail0"})",
                             .mtu = 9000};
  return rich;
}

TEST(PodLanesProtocol, ALaneWithARateSettingsOrANetworkMakesTheAnswerVersion2) {
  const std::vector<PodLane> lanes = {lane("0000:3b:02.0", "gold"), rich_lane()};
  EXPECT_EQ(encode_answer(lanes),
            R"({"version":2,"lanes":[{"vf":"0000:3b:02.0","class":"gold"},)"
            R"({"vf":"0000:3b:02.1","class":"gold","rate":{"ceiling":0,"floor":5000000000},)"
            R"("settings":{"trust":true,"vlan":{"id":7,"protocol":33024,"qos":0}},)"
            R"("network":{"name":"rail0","cni":{"ipam":{"type":"host-local"},)"
            R"("name":"sluice-rail0"},"mtu":9000}}]})");
  EXPECT_EQ(decode_answer(encode_answer(lanes)).value(), lanes);
}

TEST(PodLanesProtocol, AnErrorIsOfVersion1WhateverTheAgentKnows) {
  EXPECT_THAT(encode_answer(Error(Code::busy, "later")), HasSubstr(R"({"version":1,)"));
}

TEST(PodLanesProtocol, ALaneOfVersion2WithMembersOfALaterOneIsRefusedNotHalved) {
  EXPECT_THAT(decode_answer(R"({"version":2,"lanes":[{"vf":"0000:3b:02.1","burst":9000}],"x":1})"),
              FailsWith(Code::internal, "a lane has members that this version does not know"));
  EXPECT_THAT(decode_answer(R"({"version":2,"lanes":[{"vf":"0000:3b:02.1",)"
                            R"("network":{"name":"rail0","dns":{}}}]})"),
              FailsWith(Code::internal, "a lane has members that this version does not know"));
  EXPECT_THAT(decode_answer(R"({"version":3,"lanes":[{"vf":"0000:3b:02.1"}]})"),
              FailsWith(Code::internal, "want version 1 or 2"));
}

TEST(PodLanesProtocol, RefusesALaneWhoseRateOrSettingsMakeNoSense) {
  for (const char* const member :
       {R"("rate":5)", R"("rate":{"floor":-1,"ceiling":0})", R"("settings":{"trust":"yes"})",
        R"("settings":{"vlan":{"id":5000,"qos":0,"protocol":33024}})", R"("network":7)",
        R"("network":{"name":7})", R"("network":{"name":"a","mtu":0})"}) {
    EXPECT_THAT(decode_answer(
                    fmt::format(R"({{"version":2,"lanes":[{{"vf":"0000:3b:02.1",{}}}]}})", member)),
                FailsWith(Code::internal, "want lanes with the address of a VF"))
        << member;
  }
}

TEST(PodLanesProtocol, RefusesWhatIsNoQuestion) {
  const auto refused = [](const char* line, const char* message) {
    EXPECT_THAT(decode_question(line), FailsWith(Code::invalid_argument, message)) << line;
  };
  refused("", "want a JSON object");
  refused("[]", "want a JSON object, got '[]'");
  refused(R"({"namespace":"a","pod":"b"})", "want version 1");
  refused(R"({"version":2,"namespace":"a","pod":"b"})", "want version 1");
  refused(R"({"version":1,"pod":"b"})", "want 'namespace' and 'pod'");
  refused(R"({"version":1,"namespace":"a"})", "want 'namespace' and 'pod'");
  refused(R"({"version":1,"namespace":"a","pod":7})", "want 'namespace' and 'pod'");
  refused(R"({"version":1,"namespace":"a","pod":"b","uid":[]})", "want 'namespace' and 'pod'");
}

TEST(PodLanesProtocol, RefusesWhatIsNoAnswer) {
  const auto refused = [](const char* line, const char* message) {
    EXPECT_THAT(decode_answer(line), FailsWith(Code::internal, message)) << line;
  };
  refused("{", "want a JSON object, got '{'");
  refused(R"({"version":"1","lanes":[]})", "want version 1");
  refused(R"({"version":1})", "want 'lanes' or 'error'");
  refused(R"({"version":1,"lanes":{}})", "want 'lanes' or 'error'");
  refused(R"({"version":1,"lanes":[7]})", "want lanes with the address of a VF");
  refused(R"({"version":1,"lanes":[{"vf":"eth0"}]})", "want lanes with the address of a VF");
  refused(R"({"version":1,"lanes":[{"vf":"0000:3b:02.1","class":1}]})",
          "want lanes with the address of a VF");
  refused(R"({"version":1,"lanes":[{"vf":"0000:3b:02.1","interface":1}]})",
          "want lanes with the address of a VF");
}

TEST(PodLanesProtocol, RefusesAbsurdNesting) {
  const std::string deep = std::string(2000, '[') + std::string(2000, ']');
  EXPECT_THAT(decode_question(R"({"version":1,"namespace":"a","pod":"b","x":)" + deep + "}"),
              FailsWith(Code::invalid_argument, "want a JSON object"));
  EXPECT_THAT(decode_answer(R"({"version":1,"lanes":[],"x":)" + deep + "}"),
              FailsWith(Code::internal, "want a JSON object"));
}

}  // namespace
}  // namespace sluice
