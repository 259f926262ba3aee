// The program itself, on the state of a process that has a limit of its own.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <sstream>

#include "test/support/child_process.h"
#include "test/support/temp_dir.h"

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string line_of(const std::string& file, const std::string& begin) {
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(begin)) return line;
  }
  return "";
}

/// Whether this process may raise hard limits.
bool may_raise() {
  constexpr unsigned kSysResource = 24;  // capabilities(7)
  const std::string set = line_of("/proc/self/status", "CapEff:").substr(8);
  return (std::stoull(set, nullptr, 16) >> kSysResource & 1U) != 0;
}

class MemlockHook : public testing::Test {
 protected:
  MemlockHook()
      : process_({"/bin/sh", "-c", "ulimit -l 64; ulimit -S -l 32; echo pid $$; exec sleep 60"}) {
    pid_ = process_.wait_for_line("pid ").substr(4);
  }

  /// "SOFT HARD" of the process, in bytes.
  std::string limits() const {
    std::istringstream words(line_of("/proc/" + pid_ + "/limits", "Max locked memory").substr(17));
    std::string soft;
    std::string hard;
    words >> soft >> hard;
    return soft + " " + hard;
  }

  std::string state() const {
    return fmt::format(R"({{"ociVersion": "1.2.0", "id": "c", "status": "creating", "pid": {}}})",
                       pid_);
  }

  /// The exit status of the program; its errors are in said_.
  int run(const std::string& arguments, const std::string& state) {
    dir_.write("state", state);
    ChildProcess program(
        {"/bin/sh", "-c",
         fmt::format("{} {} {} <{}", started_by_, SLUICE_MEMLOCK, arguments, dir_ / "state")});
    const int status = program.wait_for_end();
    said_ = program.said();
    return status;
  }

  int run(const std::string& arguments = "") { return run(arguments, state()); }

  TempDir dir_;
  ChildProcess process_;
  std::string pid_;
  std::string started_by_;
  std::string said_;
};

TEST_F(MemlockHook, SetsBothLimitsToTheBytesGiven) {
  ASSERT_EQ(limits(), "32768 65536");
  EXPECT_EQ(run("--bytes 49152"), 0) << said_;
  EXPECT_EQ(said_, "");
  EXPECT_EQ(limits(), "49152 49152");
}

TEST_F(MemlockHook, LiftsBothLimits) {
  if (!may_raise()) GTEST_SKIP() << "needs CAP_SYS_RESOURCE";
  EXPECT_EQ(run(), 0) << said_;
  EXPECT_EQ(limits(), "unlimited unlimited");
  EXPECT_EQ(run(), 0) << "a container that has two lanes: " << said_;
}

TEST_F(MemlockHook, SaysWhatItNeedsWhereItMayNot) {
  if (may_raise()) started_by_ = "setpriv --bounding-set -sys_resource";
  EXPECT_EQ(run(), 1);
  EXPECT_EQ(said_, "sluice-memlock: set RLIMIT_MEMLOCK of process " + pid_ +
                       ": EPERM (needs CAP_SYS_RESOURCE in the initial user namespace)\n");
  EXPECT_EQ(limits(), "32768 65536");
}

TEST_F(MemlockHook, FailsForAProcessThatIsGone) {
  process_.send(SIGKILL);
  process_.wait_for_end();
  EXPECT_EQ(run("--bytes 49152"), 1);
  EXPECT_THAT(said_, HasSubstr(": ESRCH"));
}

TEST_F(MemlockHook, RefusesAStateThatIsNone) {
  EXPECT_EQ(run("--bytes 49152", "{}"), 1);
  EXPECT_THAT(said_, StartsWith("sluice-memlock: state of the container on stdin: "));
  EXPECT_EQ(run("--bytes 49152", R"({"ociVersion": "1.0", "pid": 0})"), 1);
  EXPECT_EQ(run("--bytes 49152", state() + std::string(1 << 20, ' ')), 1);
  EXPECT_THAT(said_, HasSubstr("above 1 MiB"));
  EXPECT_EQ(limits(), "32768 65536");
}

TEST_F(MemlockHook, RefusesWrongUse) {
  for (const char* const arguments :
       {"--bytes", "--bytes 0", "--bytes -1", "--bytes 1k", "--bytes 18446744073709551615",
        "--bytes 18446744073709551616", "--byte 1", "1", "--bytes 1 2"}) {
    EXPECT_EQ(run(arguments), 1) << arguments;
    EXPECT_THAT(said_, StartsWith("sluice-memlock: ")) << arguments;
  }
  EXPECT_EQ(limits(), "32768 65536");
}

}  // namespace
}  // namespace sluice
