#include "pkg/netlink/monitor.h"

#include <poll.h>

#include "pkg/netlink/kernel_links.h"
#include "test/netns/fresh_netns.h"
#include "test/support/result_matchers.h"

namespace sluice {
namespace {

class MonitorTest : public testing::Test {
 protected:
  Monitor open(int receive_buffer = Monitor::kReceiveBuffer) const {
    return run_in(netns_, [&] { return Monitor::open(receive_buffer); }).value();
  }

  /// Now, without waiting: the kernel queues link events before it answers the request.
  static bool readable(const Monitor& monitor) {
    pollfd watched{.fd = monitor.fd(), .events = POLLIN, .revents = 0};
    return ::poll(&watched, 1, 0) == 1;
  }

  /// Drained until nothing is left; uevents of anything on the machine may come in between.
  static bool becomes_quiet(Monitor& monitor) {
    for (int i = 0; i < 100; ++i) {
      if (!readable(monitor)) return true;
      EXPECT_THAT(monitor.drain(), IsOk());
    }
    return false;
  }

  int add_pair() {
    EXPECT_THAT(links_.add({.kind = LinkKind::veth, .name = "lane0", .peer_name = "peer0"}),
                IsOk());
    return links_.find("lane0").value().value().index;
  }

  NetNs netns_ = fresh_netns().value();
  KernelLinks links_ = KernelLinks::open(&netns_).value();
};

TEST_F(MonitorTest, IsQuietUntilSomethingChanges) {
  Monitor monitor = open();
  ASSERT_OK_AND_ASSIGN(const Changes changes, monitor.drain());
  EXPECT_EQ(changes, Changes());
  EXPECT_TRUE(becomes_quiet(monitor));
}

TEST_F(MonitorTest, WakesOnceForALinkThatComesAndOnceForOneThatGoes) {
  Monitor monitor = open();
  const int link = add_pair();
  EXPECT_TRUE(readable(monitor));
  ASSERT_OK_AND_ASSIGN(const Changes come, monitor.drain());
  EXPECT_TRUE(come.links);
  EXPECT_TRUE(becomes_quiet(monitor));

  ASSERT_THAT(links_.remove(link), IsOk());
  EXPECT_TRUE(readable(monitor));
  ASSERT_OK_AND_ASSIGN(const Changes gone, monitor.drain());
  EXPECT_TRUE(gone.links);
  EXPECT_TRUE(becomes_quiet(monitor));
}

TEST_F(MonitorTest, LinksOfOtherNamespacesDoNotWake) {
  Monitor monitor = open();
  const NetNs other = fresh_netns().value();
  ASSERT_OK_AND_ASSIGN(KernelLinks elsewhere, KernelLinks::open(&other));
  ASSERT_THAT(elsewhere.add({.kind = LinkKind::veth, .name = "lane0", .peer_name = "peer0"}),
              IsOk());
  ASSERT_OK_AND_ASSIGN(const Changes changes, monitor.drain());
  EXPECT_FALSE(changes.links);
}

TEST_F(MonitorTest, DroppedEventsCountAsEverythingChanged) {
  constexpr int kSmallest = 1;  // The kernel raises it to SOCK_MIN_RCVBUF, room for one event.
  const int link = add_pair();
  Monitor monitor = open(kSmallest);
  for (int mtu = 1400; mtu < 1450; ++mtu) {
    ASSERT_THAT(links_.change(link, {.mtu = mtu}), IsOk());
  }
  ASSERT_OK_AND_ASSIGN(const Changes changes, monitor.drain());
  EXPECT_EQ(changes, Changes::all());
  ASSERT_OK_AND_ASSIGN(const Changes after, monitor.drain());
  EXPECT_EQ(after, Changes());
}

}  // namespace
}  // namespace sluice
