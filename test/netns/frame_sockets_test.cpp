#include "pkg/netlink/kernel_frame_sockets.h"
#include "pkg/netlink/kernel_links.h"
#include "test/netns/fresh_netns.h"
#include "test/support/result_matchers.h"

namespace sluice {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr milliseconds kSoon{1'000};

/// A veth pair, both ends up, in a namespace of its own, and a door to the frames of each.
class FrameSocketsTest : public testing::Test {
 protected:
  FrameSocketsTest() {
    EXPECT_THAT(links_.add({.kind = LinkKind::veth, .name = "left", .peer_name = "right"}), IsOk());
    for (const char* const name : {"left", "right"}) {
      EXPECT_THAT(links_.change(link(name).index, {.up = true}), IsOk());
    }
  }

  Link link(const char* name) { return links_.find(name).value().value(); }

  std::unique_ptr<FrameSocket> open(const char* name) {
    return sockets_.open(netns_, link(name).index).value();
  }

  Frame frame(std::uint64_t mark) {
    return {.to = *link("right").mac, .from = *link("left").mac, .mark = mark};
  }

  NetNs netns_ = fresh_netns().value();
  KernelLinks links_ = KernelLinks::open(&netns_).value();
  KernelFrameSockets sockets_;
};

TEST_F(FrameSocketsTest, CarryFramesAsTheyWereSent) {
  const auto left = open("left");
  const auto right = open("right");
  Frame large = frame(2);
  large.size = 1000;
  ASSERT_THAT(left->send(frame(1)), IsOk());
  ASSERT_THAT(left->send(large), IsOk());
  ASSERT_OK_AND_ASSIGN(const Arrivals arrivals, right->receive(kSoon));
  EXPECT_THAT(arrivals.frames, ElementsAre(frame(1), large));
  EXPECT_EQ(arrivals.lost, 0U);
}

TEST_F(FrameSocketsTest, DoNotShowASenderItsOwnFrames) {
  const auto left = open("left");
  ASSERT_THAT(left->send(frame(1)), IsOk());
  ASSERT_OK_AND_ASSIGN(const Arrivals arrivals, left->receive(milliseconds(20)));
  EXPECT_THAT(arrivals.frames, IsEmpty());
}

TEST_F(FrameSocketsTest, CountWhatFoundNoRoom) {
  const auto left = open("left");
  const auto right = open("right");
  constexpr std::size_t kMany = 50'000;
  std::size_t sent = 0;
  for (std::size_t i = 0; i < kMany; ++i) sent += left->send(frame(i)) ? 1 : 0;
  std::size_t arrived = 0;
  std::size_t lost = 0;
  do {
    ASSERT_OK_AND_ASSIGN(const Arrivals arrivals, right->receive(milliseconds(20)));
    if (arrivals.frames.empty() && arrivals.lost == 0) break;
    arrived += arrivals.frames.size();
    lost += arrivals.lost;
  } while (true);
  EXPECT_GT(lost, 0U);
  EXPECT_EQ(arrived + lost, sent);
}

TEST_F(FrameSocketsTest, SayWhenThereIsNoLinkOrItIsDown) {
  EXPECT_THAT(sockets_.open(netns_, 4711), FailsWith(Code::not_found, "frames of link 4711"));
  const auto left = open("left");
  ASSERT_THAT(links_.change(link("left").index, {.up = false}), IsOk());
  EXPECT_THAT(left->send(frame(1)), FailsWith(Code::internal, "send frame: ENETDOWN"));
}

}  // namespace
}  // namespace sluice
