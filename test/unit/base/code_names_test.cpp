#include "pkg/base/code_names.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(CodeNames, EachCodeHasOneAndIsFoundByIt) {
  EXPECT_EQ(name_of(Code::invalid_argument), "invalid_argument");
  EXPECT_EQ(name_of(Code::permission_denied), "permission_denied");
  EXPECT_EQ(name_of(Code::internal), "internal");
  for (std::size_t i = 0; i < kCodeNames.size(); ++i) {
    const auto code = static_cast<Code>(i);
    EXPECT_EQ(code_named(name_of(code)), code) << name_of(code);
  }
}

TEST(CodeNames, AnyOtherNameIsInternal) {
  EXPECT_EQ(code_named("not_permitted"), Code::internal);
  EXPECT_EQ(code_named(""), Code::internal);
}

}  // namespace
}  // namespace sluice
