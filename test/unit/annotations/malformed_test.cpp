// Whatever an annotation holds, reading it ends in lanes or in invalid_argument that names it.
#include <gtest/gtest.h>

#include <array>
#include <random>

#include "pkg/annotations/annotations.h"
#include "pkg/annotations/placement_annotation.h"
#include "test/support/result_matchers.h"

namespace sluice {
namespace {

const std::string kPapers =
    R"([{"min_tx_rate": 15000, "max_tx_rate": 20000}, {"min_tx_rate": 5000}, {}])";
const std::string kLanes =
    R"({"lanes": [{"name": "a", "count": 2, "floor": "15G", "ceiling": "20G", "vlan": 7, "mtu": 9000},
                  {"name": "b", "link": "ens*", "mac": "02:00:00:00:00:01", "driver": "default"}],
        "samePort": [["a"]], "differentPorts": [["a"], ["b"]]})";
const std::string kPlacement =
    R"({"version":1,"lanes":[{"port":"0000:3b:00.0","floor":"15G","ceiling":"20G"},{"port":"b"}]})";

void read(std::string_view key, const std::string& text) {
  const auto pod = read_annotations({{std::string(key), text}});
  if (!pod) {
    EXPECT_THAT(pod, FailsWith(Code::invalid_argument, std::string(key))) << text;
    return;
  }
  if (!*pod) return;
  const AnnotatedPod& asked = **pod;
  EXPECT_THAT(check(asked.ask), IsOk()) << text;
  EXPECT_THAT(bundles_of(asked.ask), IsOk()) << text;
  EXPECT_EQ(asked.settings.size(), asked.ask.lanes.size());
  EXPECT_EQ(asked.names.size(), asked.ask.lanes.size());
}

void read_all(const std::string& text) {
  read(kPapersAnnotation, text);
  read(kLanesAnnotation, text);
  const auto placement = decode_placement(text);
  if (!placement && placement.error().code() != Code::unsupported) {
    EXPECT_THAT(placement, FailsWith(Code::invalid_argument, "sluice.dev/placement")) << text;
  }
}

TEST(MalformedAnnotations, AreRefusedWhereverTheyAreCut) {
  for (const std::string& text : {kPapers, kLanes, kPlacement}) {
    for (std::size_t length = 0; length <= text.size(); ++length) read_all(text.substr(0, length));
  }
}

TEST(MalformedAnnotations, AreRefusedWhateverByteIsAnother) {
  constexpr std::array kBytes = {'\0', '"', '{', '}', '[',  ']',   ',',
                                 ':',  '-', '0', '9', '\\', '\xff'};
  for (const std::string& text : {kPapers, kLanes, kPlacement}) {
    for (std::size_t at = 0; at < text.size(); ++at) {
      for (const char byte : kBytes) {
        std::string other = text;
        other[at] = byte;
        read_all(other);
      }
    }
  }
}

// Parts of good ones in any order: members in wrong places, numbers of other members.
TEST(MalformedAnnotations, AreRefusedHoweverTheyAreMixed) {
  std::mt19937 random(7);
  const std::string source = kPapers + kLanes + kPlacement;
  for (int round = 0; round < 5'000; ++round) {
    std::string text = round % 2 == 0 ? kLanes : kPapers;
    for (int change = 0; change < 3; ++change) {
      const std::size_t from = random() % source.size();
      const std::size_t length = random() % 24;
      text.replace(random() % text.size(), random() % 24, source.substr(from, length));
    }
    read_all(text);
  }
}

TEST(MalformedAnnotations, AreRefusedWhenTheyAreNestedDeeply) {
  const std::string deep = std::string(30'000, '[') + std::string(30'000, ']');
  EXPECT_THAT(read_annotations({{std::string(kLanesAnnotation), deep}}),
              FailsWith(Code::invalid_argument, "nested deeper than 64 levels"));
  EXPECT_THAT(decode_placement(deep), FailsWith(Code::invalid_argument, "nested deeper"));
}

}  // namespace
}  // namespace sluice
