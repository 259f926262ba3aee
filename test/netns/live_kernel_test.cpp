#include "pkg/netlink/live_kernel.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "pkg/netlink/netns_search.h"
#include "test/netns/fresh_netns.h"
#include "test/support/result_matchers.h"

namespace sluice {
namespace {

namespace fs = std::filesystem;

class LiveKernelTest : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(directory_); }

  void TearDown() override {
    ::umount2(named_.c_str(), MNT_DETACH);
    fs::remove_all(directory_);
    fs::remove(named_);
  }

  /// Gives a namespace a name, as `ip netns add` does.
  void bind(const NetNs& netns, const std::string& path) {
    fs::create_directories(fs::path(path).parent_path());
    std::ofstream(path).flush();
    const std::string source = fmt::format("/proc/self/fd/{}", netns.fd());
    ASSERT_EQ(::mount(source.c_str(), path.c_str(), nullptr, MS_BIND, nullptr), 0);
  }

  /// Which of the paths visited lead to a namespace.
  static std::vector<std::string> paths_to(std::uint64_t cookie) {
    std::vector<std::string> paths;
    EXPECT_THAT(visit_netns_paths([&](const std::string& path) -> Result<bool> {
                  const auto netns = TRY(NetNs::open(path));
                  if (netns && netns->cookie() == cookie) paths.push_back(path);
                  return false;
                }),
                IsOk());
    return paths;
  }

  const std::string directory_ = fmt::format("/tmp/sluice-live-kernel-{}", ::getpid());
  const std::string named_ = fmt::format("/run/netns/sluice-test-{}", ::getpid());
  std::unique_ptr<LiveKernel> kernel_ = LiveKernel::open().value();
};

TEST_F(LiveKernelTest, FindsANamespaceByItsPathWithTheSameCookie) {
  ASSERT_OK_AND_ASSIGN(const auto own, kernel_->find_netns("/proc/thread-self/ns/net"));
  ASSERT_TRUE(own);
  EXPECT_EQ(own->cookie(), kernel_->host().cookie());
  const NetNs fresh = fresh_netns().value();
  ASSERT_NO_FATAL_FAILURE(bind(fresh, named_));
  ASSERT_OK_AND_ASSIGN(const auto named, kernel_->find_netns(named_));
  ASSERT_TRUE(named);
  EXPECT_EQ(named->cookie(), fresh.cookie());
  EXPECT_NE(named->cookie(), kernel_->host().cookie());
}

TEST_F(LiveKernelTest, WhatIsNoNamespaceAnyMoreIsEmptyNotAnError) {
  std::ofstream(directory_ + "/file").flush();
  ASSERT_EQ(::mkfifo((directory_ + "/fifo").c_str(), 0600), 0);
  for (const std::string& path :
       {directory_ + "/file", directory_ + "/fifo", directory_ + "/missing",
        directory_ + "/file/below", directory_, std::string("/proc/self/ns/mnt")}) {
    ASSERT_OK_AND_ASSIGN(const auto netns, kernel_->find_netns(path));
    EXPECT_FALSE(netns) << path;
  }
}

TEST_F(LiveKernelTest, AskingForANamespaceCanFail) {
  const std::string loop = directory_ + "/loop";
  ASSERT_EQ(::symlink(loop.c_str(), loop.c_str()), 0);
  EXPECT_THAT(kernel_->find_netns(loop),
              FailsWith(Code::internal, fmt::format("open network namespace '{}': ELOOP", loop)));
}

TEST_F(LiveKernelTest, LinksAndAddressesAreThoseOfTheNamespace) {
  const NetNs fresh = fresh_netns().value();
  ASSERT_OK_AND_ASSIGN(const auto links, kernel_->links_in(fresh));
  ASSERT_THAT(links->add({.kind = LinkKind::veth, .name = "lane0", .peer_name = "peer0"}), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto link, links->find("lane0"));
  ASSERT_TRUE(link);
  ASSERT_OK_AND_ASSIGN(const auto here, kernel_->links().find("lane0"));
  EXPECT_FALSE(here);
  ASSERT_OK_AND_ASSIGN(const auto addresses, kernel_->addresses_in(fresh));
  EXPECT_THAT(addresses->add_address(link->index, IpPrefix::parse("192.0.2.1/24").value()), IsOk());
}

TEST_F(LiveKernelTest, RdmaAnswersEverywhere) {
  EXPECT_THAT(kernel_->rdma().value()->list(), IsOk());
  EXPECT_THAT(kernel_->rdma().value()->netns_mode(), IsOk());
  const NetNs fresh = fresh_netns().value();
  ASSERT_OK_AND_ASSIGN(const auto devices, kernel_->rdma_in(fresh));
  EXPECT_THAT(devices->list(), IsOk());
}

TEST_F(LiveKernelTest, NoNamespaceHoldsADeviceThatIsNot) {
  ASSERT_OK_AND_ASSIGN(const auto holder, kernel_->find_netns_holding("ffff:ff:1f.7"));
  EXPECT_FALSE(holder);
}

TEST_F(LiveKernelTest, SearchSeesNamedNamespacesFirst) {
  const NetNs fresh = fresh_netns().value();
  ASSERT_NO_FATAL_FAILURE(bind(fresh, named_));
  EXPECT_THAT(paths_to(fresh.cookie()), testing::ElementsAre(named_));
}

TEST_F(LiveKernelTest, SearchSeesNamespacesThatAreOnlyHeldOpen) {
  const NetNs fresh = fresh_netns().value();
  EXPECT_THAT(paths_to(fresh.cookie()),
              testing::ElementsAre(fmt::format("/proc/{}/fd/{}", ::getpid(), fresh.fd())));
}

TEST_F(LiveKernelTest, SearchSeesNamespacesThatAreHeldOpenByANameThatIsGone) {
  std::optional<NetNs> fresh = fresh_netns().value();
  ASSERT_NO_FATAL_FAILURE(bind(*fresh, named_));
  ASSERT_OK_AND_ASSIGN(const auto by_name, NetNs::open(named_));
  ASSERT_TRUE(by_name);
  fresh.reset();
  ASSERT_EQ(::umount2(named_.c_str(), MNT_DETACH), 0);
  EXPECT_THAT(paths_to(by_name->cookie()),
              testing::ElementsAre(fmt::format("/proc/{}/fd/{}", ::getpid(), by_name->fd())));
}

TEST_F(LiveKernelTest, SearchStopsWhenItIsTold) {
  int visits = 0;
  ASSERT_THAT(visit_netns_paths([&](const std::string&) -> Result<bool> { return ++visits == 1; }),
              IsOk());
  EXPECT_EQ(visits, 1);
}

TEST_F(LiveKernelTest, SearchHandsOnTheVisitorsError) {
  const Error error(Code::internal, "enough");
  EXPECT_THAT(visit_netns_paths([&](const std::string&) -> Result<bool> { return error; }),
              FailsWith(Code::internal, "enough"));
}

}  // namespace
}  // namespace sluice
