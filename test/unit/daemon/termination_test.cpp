#include "pkg/daemon/termination.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

namespace sluice {
namespace {

TEST(Termination, ASignalIsAStop) {
  for (const int signal : {SIGTERM, SIGINT}) {
    const Termination termination;
    EXPECT_FALSE(termination.token().stop_requested());
    ::kill(::getpid(), signal);
    termination.wait();
    EXPECT_TRUE(termination.token().stop_requested());
  }
}

TEST(Termination, EndsWithoutASignal) {
  Termination termination;
  termination.request_stop();
  termination.wait();
}

TEST(Termination, LeavesTheSignalsAsTheyWere) {
  { const Termination termination; }
  sigset_t now;
  ::pthread_sigmask(SIG_BLOCK, nullptr, &now);
  EXPECT_EQ(::sigismember(&now, SIGTERM), 0);
}

TEST(TerminationDeathTest, ASecondSignalEndsTheProcess) {
  EXPECT_EXIT(
      {
        const Termination termination;
        ::kill(::getpid(), SIGTERM);
        termination.wait();
        ::kill(::getpid(), SIGTERM);
        for (;;) ::pause();
      },
      testing::ExitedWithCode(1), "");
}

}  // namespace
}  // namespace sluice
