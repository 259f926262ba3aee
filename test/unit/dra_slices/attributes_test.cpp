#include "dra/slices/attributes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::dra {
namespace {

Device device() {
  return {.name = "port-a",
          .is_shared = false,
          .attributes = {},
          .capacity = {},
          .taints = {},
          .consumes = {}};
}

struct Refusal {
  std::string name;
  AttributeValue value;
  std::string omission;
};

class RefusedAttribute : public testing::TestWithParam<Refusal> {};

TEST_P(RefusedAttribute, IsLeftOutAndToldAndNothingElse) {
  Device with = device();
  Omissions omissions;
  add_attribute(with, "before", std::int64_t{1}, omissions);
  add_attribute(with, GetParam().name, GetParam().value, omissions);
  add_attribute(with, "after", true, omissions);

  EXPECT_EQ(with.attributes, (Attributes{{"before", std::int64_t{1}}, {"after", true}}));
  EXPECT_THAT(omissions, testing::ElementsAre(GetParam().omission));
}

INSTANTIATE_TEST_SUITE_P(
    Attributes, RefusedAttribute,
    testing::Values(
        Refusal{"link", std::string(65, 'x'),
                "port-a: attribute 'link' is left out: '" + std::string(64, 'x') +
                    "…' has more than 64 bytes"},
        Refusal{"link", "eth\xff", "port-a: attribute 'link' is left out: its value is not UTF-8"},
        Refusal{"", "x", "port-a: attribute '' is left out: its name is not valid"},
        Refusal{"9x", "x", "port-a: attribute '9x' is left out: its name is not valid"},
        Refusal{"link-type", "x",
                "port-a: attribute 'link-type' is left out: its name is not valid"},
        Refusal{
            std::string(33, 'a'), "x",
            "port-a: attribute '" + std::string(33, 'a') + "' is left out: its name is not valid"},
        Refusal{"/x", "x", "port-a: attribute '/x' is left out: its name is not valid"},
        Refusal{"a.b/", "x", "port-a: attribute 'a.b/' is left out: its name is not valid"},
        Refusal{"A.b/x", "x", "port-a: attribute 'A.b/x' is left out: its name is not valid"},
        Refusal{"a/b/c", "x", "port-a: attribute 'a/b/c' is left out: its name is not valid"}));

TEST(Attributes, AllThatTheServerTakesIsTaken) {
  Device with = device();
  Omissions omissions;
  add_attribute(with, std::string(32, 'a'), std::string(64, 'x'), omissions);
  add_attribute(with, "resource.kubernetes.io/numaNode", std::int64_t{-7}, omissions);
  add_attribute(with, "_x9", "Straße", omissions);
  EXPECT_EQ(with.attributes.size(), 3u);
  EXPECT_THAT(omissions, testing::IsEmpty());
}

TEST(Attributes, EmptyTextIsNoAttribute) {
  Device with = device();
  Omissions omissions;
  add_attribute(with, "link", "", omissions);
  EXPECT_TRUE(with.attributes.empty());
  EXPECT_TRUE(omissions.empty());
}

TEST(Attributes, OnesAboveTheServersLimitAreLeftOut) {
  Device with = device();
  with.capacity["vfs"] = {.value = 1, .policy = {}};
  Omissions omissions;
  for (int i = 0; i < 33; ++i) add_attribute(with, "a" + std::to_string(i), true, omissions);
  EXPECT_EQ(with.attributes.size(), 31u);
  EXPECT_EQ(omissions.size(), 2u);
  EXPECT_THAT(omissions[0], testing::HasSubstr("'a31' is left out: the device has 32"));
}

}  // namespace
}  // namespace sluice::dra
