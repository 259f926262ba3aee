#include "pkg/annotations/in_place.h"

#include <gtest/gtest.h>

#include "test/support/result_matchers.h"

namespace sluice {
namespace {

AnnotatedPod asking(const std::string& lanes) {
  const auto pod = read_annotations({{std::string(kLanesAnnotation), lanes}});
  EXPECT_THAT(pod, IsOk());
  return pod && *pod ? **pod : AnnotatedPod();
}

TEST(InPlace, WhatChangesALinkIsRefusedByItsLaneAndField) {
  for (const std::string member : {R"("interface": "rail0")", R"("mtu": 9000)",
                                   R"("mac": "02:00:00:00:00:01")", R"("network": "fabric")"}) {
    EXPECT_THAT(
        check_in_place(asking(R"([{}, {"name": "rail", )" + member + "}]")),
        FailsWith(Code::unsupported,
                  "annotation 'sluice.dev/lanes': lane 'rail': the pod is on the host's network, "
                  "whose links stay as they are, so not with " +
                      member.substr(0, member.find(':'))));
  }
}

TEST(InPlace, AllElseIsAsInPodsOfTheirOwnNetwork) {
  EXPECT_THAT(check_in_place(asking(
                  R"([{"floor": "1G", "ceiling": "2G", "numaNode": 0, "link": "ens*", "vlan": 7,
                       "trust": true, "spoofchk": false, "rdma": false}, {"driver": "vfio-pci"}])")),
              IsOk());
  const auto papers = read_annotations({{std::string(kPapersAnnotation), "[{}, {}]"}});
  ASSERT_THAT(papers, IsOk());
  EXPECT_THAT(check_in_place(**papers), IsOk());
}

}  // namespace
}  // namespace sluice
