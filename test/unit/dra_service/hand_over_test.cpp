// Two instances of the driver during an update: the kubelet may call either.
#include <gmock/gmock.h>

#include <future>

#include "test/unit/dra_service/dra_world.h"

namespace sluice::dra {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class HandOver : public DraWorld {
 protected:
  // The kubelet's call of the first instance.
  auto prepare_soon(const std::string& name) {
    return std::async(std::launch::async, [this, name] {
      const auto answer = prepare(claims_named({name}));
      return answer ? answer->claims().at("uid-" + name).error() : answer.error().message();
    });
  }

  FakeClaims other_claims;
  std::unique_ptr<DraEndpoint> other;  // Ends before the claims.
};

TEST_F(HandOver, WhatIsUnderWayIsFinishedFirst) {
  begin();
  claims.hold();
  auto under_way = prepare_soon("a");
  ASSERT_TRUE(claims.wait_inside(1));
  auto handing_over = std::async(std::launch::async, [this] { endpoint->hand_over(); });
  EXPECT_EQ(handing_over.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  claims.release();
  handing_over.get();
  EXPECT_EQ(under_way.get(), "");
  EXPECT_THAT(claims.prepared(), ElementsAre("uid-a"));
}

TEST_F(HandOver, WhatComesLaterIsAnsweredByTheInstanceThatTookOver) {
  begin();
  ASSERT_THAT(prepare(claims_named({"a"})), IsOk());
  endpoint->hand_over();
  auto early = prepare_soon("b");  // Waits for the other instance.
  other = started(settings(), other_claims);
  EXPECT_EQ(early.get(), "");
  other_claims.fail("uid-c", "too little is left");
  EXPECT_THAT(prepare_soon("c").get(), testing::HasSubstr("too little is left"));
  EXPECT_THAT(unprepare(claims_named({"b"})), IsOk());
  EXPECT_THAT(claims.prepared(), ElementsAre("uid-a"));
  EXPECT_THAT(other_claims.prepared(), IsEmpty());
}

TEST_F(HandOver, ACallEndsWithItsCallerThoughNoInstanceTakesOver) {
  begin();
  endpoint->hand_over();
  wire_v1::DRAPlugin::Stub stub(channel);
  EXPECT_FALSE(call(stub, &wire_v1::DRAPlugin::Stub::NodePrepareResources,
                    request_for<wire_v1::NodePrepareResourcesRequest>(claims_named({"a"})),
                    std::chrono::milliseconds(50), "prepare"));
  endpoint.reset();
  EXPECT_THAT(claims.prepared(), IsEmpty());
}

TEST_F(HandOver, BothInstancesHaveTheirSocketsUntilTheFirstEnds) {
  begin();
  endpoint->hand_over();
  other = started(settings(), other_claims);
  EXPECT_TRUE(eventually([&] { return sockets_in(registry()).size() == 2; }));
  EXPECT_EQ(sockets_in(own()).size(), 2U);
  endpoint.reset();
  EXPECT_EQ(sockets_in(registry()).size(), 1U);
  ASSERT_OK_AND_ASSIGN(const pluginregistration::PluginInfo info, discover());
  channel = unix_channel(info.endpoint());
  EXPECT_THAT(prepare(claims_named({"d"})), IsOk());
  EXPECT_THAT(other_claims.prepared(), ElementsAre("uid-d"));
}

}  // namespace
}  // namespace sluice::dra
