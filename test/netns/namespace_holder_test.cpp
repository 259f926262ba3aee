#include "ctl/doctor/namespace_holder.h"

#include <optional>

#include "pkg/netlink/netns.h"
#include "test/support/result_matchers.h"

namespace sluice {
namespace {

TEST(NamespaceHolder, HoldsANamespaceOfItsOwnWhileItLives) {
  std::string path;
  {
    ASSERT_OK_AND_ASSIGN(const NamespaceHolder holder, NamespaceHolder::make());
    path = holder.path();
    ASSERT_OK_AND_ASSIGN(const std::optional<NetNs> held, NetNs::open(path));
    ASSERT_TRUE(held.has_value());
    ASSERT_OK_AND_ASSIGN(const NetNs here, NetNs::current());
    EXPECT_NE(held->cookie(), here.cookie());
  }
  ASSERT_OK_AND_ASSIGN(const std::optional<NetNs> gone, NetNs::open(path));
  EXPECT_FALSE(gone.has_value());
}

}  // namespace
}  // namespace sluice
