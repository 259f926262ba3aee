#include "pkg/inventory/away_links.h"

#include "test/fake/fake_kernel.h"
#include "test/support/result_matchers.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class AwayLinks : public testing::Test {
 protected:
  void add(const std::string& name, const std::string& parent, const std::string& netns = "") {
    kernel_.node().add_link({.name = name, .parent_bus = "pci", .parent_device = parent},
                            netns.empty() ? FakeNode::kHost : *kernel_.node().netns_at(netns));
  }

  std::uint64_t cookie(const std::string& netns) { return *kernel_.node().netns_at(netns); }

  /// What is found, as "parent name cookie".
  std::vector<std::string> find(const std::vector<std::string>& parents) {
    const auto links = find_away_links(kernel_)(parents);
    EXPECT_THAT(links, IsOk());
    std::vector<std::string> found;
    for (const AwayLink& link : links.value_or(std::vector<AwayLink>())) {
      found.push_back(fmt::format("{} {} {}", link.parent_device, link.name, link.netns_cookie));
    }
    return found;
  }

  FakeKernel kernel_;
};

TEST_F(AwayLinks, FindsEachInItsNamespace) {
  kernel_.node().add_netns("/run/netns/p0");
  kernel_.node().add_netns("/run/netns/p1");
  add("net1", "0000:3b:02.0", "/run/netns/p0");
  add("net1", "0000:3b:02.1", "/run/netns/p1");

  EXPECT_THAT(find({"0000:3b:02.0", "0000:3b:02.1"}),
              UnorderedElementsAre(fmt::format("0000:3b:02.0 net1 {}", cookie("/run/netns/p0")),
                                   fmt::format("0000:3b:02.1 net1 {}", cookie("/run/netns/p1"))));
}

TEST_F(AwayLinks, LeavesOutWhatIsHereGoneOrNotAskedFor) {
  kernel_.node().add_netns("/run/netns/p0");
  add("eth0v0", "0000:3b:02.0");
  add("net1", "0000:3b:02.1", "/run/netns/p0");

  EXPECT_THAT(find({"0000:3b:02.0", "0000:3b:02.7"}), IsEmpty());
  EXPECT_THAT(find({}), IsEmpty());
}

TEST_F(AwayLinks, LooksIntoANamespaceOnceForAllThatItHolds) {
  kernel_.node().add_netns("/run/netns/p0");
  add("net1", "0000:3b:02.0", "/run/netns/p0");
  add("net2", "0000:3b:02.1", "/run/netns/p0");

  EXPECT_THAT(find({"0000:3b:02.0", "0000:3b:02.1"}), SizeIs(2));
  EXPECT_THAT(kernel_.log().matching("find_netns_holding"), SizeIs(1));
}

TEST_F(AwayLinks, PassesTheKernelsRefusalOn) {
  kernel_.log().fail_next(Error(Code::permission_denied, "open '/proc/7/ns/net': EPERM"));
  EXPECT_THAT(find_away_links(kernel_)({"0000:3b:02.0"}),
              FailsWith(Code::permission_denied, "/proc/7/ns/net"));
}

}  // namespace
}  // namespace sluice
