#include "pkg/base/kube_names.h"

#include <gtest/gtest.h>

#include <string>

namespace sluice {
namespace {

TEST(KubeNames, ANameHasALetterOrDigitAtBothEnds) {
  for (const char* const good : {"a", "7", "A", "a-b", "A_b.7", "a--b"}) {
    EXPECT_TRUE(is_name(good, "-_.")) << good;
  }
  for (const char* const bad : {"", "-", "-a", "a-", "a b", "a/b", "\xc3\xa4"}) {
    EXPECT_FALSE(is_name(bad, "-_.")) << bad;
  }
  EXPECT_FALSE(is_name("a_b", "-"));
}

TEST(KubeNames, ALabelIsShortAndLowerCase) {
  for (const std::string& good :
       {std::string("default"), std::string("a-7"), std::string(63, 'a')}) {
    EXPECT_TRUE(is_dns_label(good)) << good;
  }
  for (const std::string& bad :
       {std::string(), std::string("A"), std::string("a.b"), std::string("-a"), std::string("a-"),
        std::string("a/b"), std::string(64, 'a')}) {
    EXPECT_FALSE(is_dns_label(bad)) << bad;
  }
}

TEST(KubeNames, ASubdomainIsPartsJoinedByDots) {
  for (const std::string& good : {std::string("a"), std::string("sluice.dev"),
                                  std::string("7.a-b.c"), std::string(253, 'a')}) {
    EXPECT_TRUE(is_dns_subdomain(good)) << good;
  }
  for (const std::string& bad :
       {std::string(), std::string("."), std::string(".a"), std::string("a."), std::string("a..b"),
        std::string("a.-b"), std::string("a.B"), std::string("a_b"), std::string(254, 'a')}) {
    EXPECT_FALSE(is_dns_subdomain(bad)) << bad;
  }
}

TEST(KubeNames, ANameInANamespaceIsSplitAtTheFirstSlash) {
  EXPECT_EQ(split_name("ml/train"), (NamespacedName{.name_space = "ml", .name = "train"}));
  EXPECT_EQ(split_name("ml/a/b"), (NamespacedName{.name_space = "ml", .name = "a/b"}));
  EXPECT_EQ(split_name("ml/"), (NamespacedName{.name_space = "ml", .name = {}}));
  EXPECT_EQ(split_name("ml"), (NamespacedName{.name_space = "ml", .name = {}}));
  EXPECT_EQ(split_name(""), NamespacedName());
}

}  // namespace
}  // namespace sluice
