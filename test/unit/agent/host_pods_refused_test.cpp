// What annotated pods on the host's network are told that do not get their lanes, or not yet.
#include <cerrno>

#include "agent/claims/host_claims.h"
#include "pkg/annotations/in_place.h"
#include "test/unit/agent/host_pods_world.h"

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using HostPodsRefused = HostPodsWorld;

TEST_F(HostPodsRefused, WhatDoesNotFitIsToldAndFitsOnceThereIsRoom) {
  show({asking(R"([{"floor": "30G"}])", "first")});
  look(0);
  host_pods_->set(asking(R"([{"floor": "20G"}])"));
  look(1);
  ASSERT_THAT(kubernetes_.told, SizeIs(1));
  EXPECT_THAT(kubernetes_.told[0], HasSubstr("ml/trainer LanesNotAvailable: pod 'ml/trainer'"));
  EXPECT_THAT(kubernetes_.told[0], HasSubstr("20 Gbit/s asked"));
  EXPECT_THAT(recorded(), SizeIs(1));
  host_pods_->drop("uid-first");
  look(2);
  ASSERT_THAT(book_.release("uid-first"), IsOk());
  look(3);
  look(4);
  ASSERT_THAT(recorded(), SizeIs(1));
  EXPECT_EQ(recorded()[0].owner.pod, "ml/trainer");
}

TEST_F(HostPodsRefused, ItIsTriedLessAndLess) {
  show({asking(R"([{"floor": "50G"}])")});
  for (int second = 0; second < 300; ++second) look(second);
  EXPECT_GE(kubernetes_.told.size(), 10U);
  EXPECT_LE(kubernetes_.told.size(), 20U);
}

TEST_F(HostPodsRefused, AMalformedAnnotationIsToldOnceUntilItChanges) {
  show({asking(R"([{"floor": -1}])")});
  for (const int second : {0, 1, 60}) look(second);
  show({asking(R"([{"floor": -1}])")});
  look(61);
  ASSERT_THAT(kubernetes_.told, SizeIs(1));
  EXPECT_THAT(kubernetes_.told[0], HasSubstr("ml/trainer LanesRefused: annotation "
                                             "'sluice.dev/lanes': /0/floor"));
  host_pods_->set(asking(R"([{"floor": "10G"}])"));
  look(61);
  EXPECT_EQ(rate(0).floor, BitRate::gbps(10));
}

TEST_F(HostPodsRefused, WhatWouldChangeALinkOfTheHostIsRefusedByItsField) {
  for (const std::string member : {R"("interface": "rdma0")", R"("mtu": 9000)",
                                   R"("mac": "60:00:00:00:00:e1")", R"("network": "a")"}) {
    kubernetes_.told.clear();
    host_pods_->set(asking(R"([{}, {"name": "rail", )" + member + "}]"));
    look(0);
    ASSERT_THAT(kubernetes_.told, SizeIs(1)) << member;
    EXPECT_THAT(kubernetes_.told[0], HasSubstr("LanesRefused: annotation 'sluice.dev/lanes': lane "
                                               "'rail': the pod is on the host's network"));
    EXPECT_THAT(kubernetes_.told[0], HasSubstr("not with " + member.substr(0, member.find(':'))));
  }
  EXPECT_THAT(grants(), IsEmpty());
  expect_no_lanes();
}

// A list of fields for claims, and one for annotations, which the scheduler reads, too.
TEST_F(HostPodsRefused, ClaimsAndAnnotationsRefuseTheSameThere) {
  std::vector<LaneConfig> all(10);
  all[0].ceiling = BitRate::gbps(1);
  all[1].mtu = 9000;
  all[2].vlan = VlanTag{.id = 7};
  all[3].mac = MacAddress({2, 0, 0, 0, 0, 7});
  all[4].interface = "rail0";
  all[5].network = "a";
  all[6].rdma = false;
  all[7].trust = true;
  all[8].spoofchk = false;
  all[9].driver = LaneDriver::vfio;
  for (std::size_t i = 0; i < all.size(); ++i) {
    dra::ClaimedLane claimed;
    claimed.config = all[i];
    AnnotatedPod annotated;
    annotated.settings = {all[i]};
    annotated.names = {"0"};
    EXPECT_EQ(bool(HostClaims::check({claimed})), bool(check_in_place(annotated))) << i;
  }
}

TEST_F(HostPodsRefused, ARateThatTheDriverRefusesIsToldAndTriedAgainOnTheSameVfs) {
  const Error refusal = Error::from_errno(EOPNOTSUPP, "set VF");
  // The first is of the first lane; all after it fail.
  for (int i = 0; i < 10; ++i) machine_.kernel().log().fail_on("rate=10000", refusal, 2);
  show({asking(kTwo)});
  look(0);
  ASSERT_THAT(kubernetes_.told, SizeIs(1));
  EXPECT_THAT(kubernetes_.told[0], HasSubstr(refusal.message()));
  const std::vector<Grant> granted = grants();
  ASSERT_THAT(granted, SizeIs(1));
  EXPECT_EQ(rate(1), Rate());
  machine_.kernel().log().forget_faults();
  look(1);
  EXPECT_EQ(grants(), granted);
  EXPECT_EQ(rate(0), kRate);
  EXPECT_EQ(rate(1), kRate);
}

}  // namespace
}  // namespace sluice
