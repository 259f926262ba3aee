#include "pkg/http/deadlines.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>

#include "pkg/base/unique_fd.h"

namespace sluice {
namespace {

using std::chrono::hours;

/// Both ends of a connection; the clock of the object's own thread is far behind.
struct Pair {
  UniqueFd server;
  UniqueFd peer;

  static Pair open() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    return {UniqueFd(ends[0]), UniqueFd(ends[1])};
  }

  bool is_shut() const {
    pollfd heard{.fd = peer.get(), .events = POLLIN, .revents = 0};
    return ::poll(&heard, 1, 0) > 0;
  }
};

class DeadlinesTest : public testing::Test {
 protected:
  const Deadlines::Clock::time_point start = Deadlines::Clock::now();
  Deadlines deadlines{hours(10), 2};
  const Pair first = Pair::open();
  const Pair second = Pair::open();
  const Pair third = Pair::open();
};

TEST_F(DeadlinesTest, ShutsWhatIsLateAndSaysWhenToLookAgain) {
  deadlines.begin(first.server.get(), start);
  deadlines.begin(second.server.get(), start + hours(4));

  EXPECT_EQ(deadlines.shut_late(start + hours(9)), start + hours(10));
  EXPECT_FALSE(first.is_shut());
  EXPECT_EQ(deadlines.shut_late(start + hours(10)), start + hours(14));
  EXPECT_TRUE(first.is_shut());
  EXPECT_FALSE(second.is_shut());
}

TEST_F(DeadlinesTest, LeavesWhatIsNotWaitedFor) {
  deadlines.begin(first.server.get(), start);
  deadlines.end(first.server.get());

  EXPECT_EQ(deadlines.shut_late(start + hours(11)), start + hours(21));

  EXPECT_FALSE(first.is_shut());
}

TEST_F(DeadlinesTest, ANewRequestHasTheWholeTimeAgain) {
  deadlines.begin(first.server.get(), start);
  deadlines.begin(first.server.get(), start + hours(9));
  deadlines.shut_late(start + hours(18));

  EXPECT_FALSE(first.is_shut());
}

TEST_F(DeadlinesTest, OneTooManyEndsTheOneThatWasWaitedForLongest) {
  deadlines.begin(second.server.get(), start);
  deadlines.begin(first.server.get(), start + hours(1));
  deadlines.begin(third.server.get(), start + hours(2));

  EXPECT_TRUE(second.is_shut());
  EXPECT_FALSE(first.is_shut());
  EXPECT_FALSE(third.is_shut());
}

}  // namespace
}  // namespace sluice
