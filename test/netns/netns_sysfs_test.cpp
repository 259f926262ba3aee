#include "pkg/netlink/netns_sysfs.h"

#include <fstream>

#include "pkg/netlink/kernel_links.h"
#include "test/netns/fresh_netns.h"
#include "test/support/result_matchers.h"

namespace sluice {
namespace {

using testing::Contains;
using testing::Not;
using testing::Optional;

TEST(NetnsSysfs, ShowsTheLinksOfItsNamespaceAlone) {
  ASSERT_OK_AND_ASSIGN(const NetNs netns, fresh_netns());
  ASSERT_OK_AND_ASSIGN(KernelLinks links, KernelLinks::open(&netns));
  ASSERT_THAT(links.add({.kind = LinkKind::veth, .name = "only0", .peer_name = "only1"}), IsOk());

  ASSERT_OK_AND_ASSIGN(const Dir inside, open_sysfs(netns));
  ASSERT_OK_AND_ASSIGN(const NetNs own_netns, NetNs::current());
  ASSERT_OK_AND_ASSIGN(const Dir outside, open_sysfs(own_netns));

  ASSERT_OK_AND_ASSIGN(const auto seen, inside.list("class/net"));
  EXPECT_THAT(seen, Optional(Contains("only0")));
  ASSERT_OK_AND_ASSIGN(const auto own, outside.list("class/net"));
  EXPECT_THAT(own, Optional(Not(Contains("only0"))));
  ASSERT_OK_AND_ASSIGN(const auto mtu, inside.read("class/net/only0/mtu"));
  EXPECT_EQ(mtu, "1500");
}

TEST(NetnsSysfs, CannotBeWrittenAndHasNoPath) {
  ASSERT_OK_AND_ASSIGN(const NetNs netns, fresh_netns());
  ASSERT_OK_AND_ASSIGN(const Dir sysfs, open_sysfs(netns));
  EXPECT_THAT(sysfs.write("class/net/lo/mtu", "1400"),
              FailsWith(Code::internal, "open 'class/net/lo/mtu': EROFS"));
}

}  // namespace
}  // namespace sluice
