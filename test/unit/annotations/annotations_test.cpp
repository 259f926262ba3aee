#include "pkg/annotations/annotations.h"

#include <gtest/gtest.h>

#include "test/support/result_matchers.h"

namespace sluice {
namespace {

using testing::ElementsAre;

Result<std::optional<AnnotatedPod>> read_papers(const std::string& text) {
  return read_annotations({{std::string(kPapersAnnotation), text}});
}

TEST(PapersAnnotation, IsReadAsInThePapers) {
  ASSERT_OK_AND_ASSIGN(const std::optional<AnnotatedPod> pod, read_papers(R"([
        {"min_tx_rate": 15000, "max_tx_rate": 20000},
        {"min_tx_rate": 5000},
        {}
    ])"));
  ASSERT_TRUE(pod);
  EXPECT_THAT(
      pod->ask.lanes,
      ElementsAre(LaneAsk{.rate = {.floor = BitRate::gbps(15), .ceiling = BitRate::gbps(20)}},
                  LaneAsk{.rate = {.floor = BitRate::gbps(5)}}, LaneAsk{}));
  EXPECT_THAT(pod->settings, ElementsAre(LaneConfig(), LaneConfig(), LaneConfig()));
  EXPECT_THAT(pod->names, ElementsAre("0", "1", "2"));
  EXPECT_TRUE(pod->is_papers);
  EXPECT_TRUE(pod->ask.same_port.empty() && pod->ask.different_ports.empty());
}

TEST(PapersAnnotation, AsksForNoLanesWhenAbsentOrEmpty) {
  for (const Annotations& none :
       {Annotations(), Annotations{{"rdma_interfaces_required", ""}},
        Annotations{{"rdma_interfaces_required", "[]"}}, Annotations{{"sluice.dev/lanes", ""}},
        Annotations{{"sluice.dev/lanes", "[]"}},
        Annotations{{"sluice.dev/lanes", R"({"lanes": []})"}},
        Annotations{{"sluice.dev/placement", R"({"version":1,"lanes":[]})"}, {"other", "[{}]"}}}) {
    ASSERT_OK_AND_ASSIGN(const std::optional<AnnotatedPod> pod, read_annotations(none));
    EXPECT_FALSE(pod);
  }
}

TEST(PapersAnnotation, ZeroIsNoFloorAndNoLimit) {
  ASSERT_OK_AND_ASSIGN(
      const std::optional<AnnotatedPod> pod,
      read_papers(R"([{"min_tx_rate": 5000, "max_tx_rate": 0}, {"min_tx_rate": 0}])"));
  EXPECT_THAT(pod->ask.lanes, ElementsAre(LaneAsk{.rate = {.floor = BitRate::gbps(5)}}, LaneAsk{}));
}

struct Bad {
  const char* text;
  const char* problem;
};

class RefusesBadPapers : public testing::TestWithParam<Bad> {};

INSTANTIATE_TEST_SUITE_P(
    PapersAnnotation, RefusesBadPapers,
    testing::Values(
        Bad{"null", "want an array of interfaces"}, Bad{"{}", "want an array of interfaces"},
        Bad{"3", "want an array of interfaces"}, Bad{"[{]", "not JSON at line 1, column 3"},
        Bad{" ", "not JSON at line 1"}, Bad{"[1]", "/0: want an object"},
        Bad{R"([{}, null])", "/1: want an object"},
        Bad{R"([{"min_tx_rat": 5}])", "/0/min_tx_rat: unknown key; did you mean \"min_tx_rate\"?"},
        Bad{R"([{"min_tx_rate": "5"}])",
            "/0/min_tx_rate: want a whole number from 0 to 2147483647, got '\"5\"'"},
        Bad{R"([{"min_tx_rate": -1}])", "/0/min_tx_rate: want a whole number from 0"},
        Bad{R"([{"max_tx_rate": 1.5}])", "/0/max_tx_rate: want a whole number from 0"},
        Bad{R"([{"max_tx_rate": 1.0}])", "got '1.0'"},
        Bad{R"([{"max_tx_rate": 2147483648}])", "got '2147483648'"},
        Bad{R"([{"max_tx_rate": 18446744073709551616}])", "/0/max_tx_rate: want a whole number"},
        Bad{R"([{"min_tx_rate": null}])", "/0/min_tx_rate: want a whole number"},
        Bad{R"([{}, {"min_tx_rate": 20000, "max_tx_rate": 15000}])",
            "/1/min_tx_rate: 20000 is above the max_tx_rate of 15000"},
        Bad{R"([{"min_tx_rate": 1, "min_tx_rate": 2}])", "/0/min_tx_rate: is there twice"}));

TEST_P(RefusesBadPapers, NamingThePlace) {
  const auto read = read_papers(GetParam().text);
  EXPECT_THAT(read, FailsWith(Code::invalid_argument, "annotation 'rdma_interfaces_required': "));
  EXPECT_THAT(read, FailsWith(Code::invalid_argument, GetParam().problem));
}

TEST(PapersAnnotation, TellsAllProblemsAtOnce) {
  EXPECT_THAT(
      read_papers(R"([{"min_tx_rate": -1}, {"vlan": 3}])"),
      FailsWith(Code::invalid_argument,
                "annotation 'rdma_interfaces_required': /0/min_tx_rate: want a whole number "
                "from 0 to 2147483647, got '-1'; /1/vlan: unknown key"));
}

std::string interfaces(std::size_t count) {
  std::string text = "[";
  for (std::size_t i = 0; i < count; ++i) text += i == 0 ? "{}" : ",{}";
  return text + "]";
}

TEST(PapersAnnotation, HasSixtyFourInterfacesAtMost) {
  ASSERT_OK_AND_ASSIGN(const std::optional<AnnotatedPod> pod, read_papers(interfaces(64)));
  EXPECT_EQ(pod->ask.lanes.size(), 64U);
  EXPECT_THAT(read_papers(interfaces(65)),
              FailsWith(Code::invalid_argument, "65 interfaces, 64 are the most"));
}

TEST(Annotations, HaveSixtyFourKibibytesAtMost) {
  const std::string longest = "[" + std::string(kLongestAnnotation - 2, ' ') + "]";
  EXPECT_THAT(read_papers(longest), IsOk());
  EXPECT_THAT(read_papers(longest + " "),
              FailsWith(Code::invalid_argument, "has 65537 bytes, 65536 are allowed"));
}

TEST(Annotations, OfBothKindsAreRefused) {
  EXPECT_THAT(
      read_annotations({{"rdma_interfaces_required", "[]"}, {"sluice.dev/lanes", "[{}]"}}),
      FailsWith(Code::invalid_argument,
                "annotations 'rdma_interfaces_required' and 'sluice.dev/lanes' are both given"));
  EXPECT_THAT(read_annotations({{"rdma_interfaces_required", ""}, {"sluice.dev/lanes", "[{}]"}}),
              IsOk());
}

}  // namespace
}  // namespace sluice
