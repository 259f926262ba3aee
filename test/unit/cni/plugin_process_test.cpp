#include "cni/plugin_process.h"

#include <sys/stat.h>

#include <fstream>

#include "test/support/result_matchers.h"
#include "test/support/temp_dir.h"

namespace sluice::cni {
namespace {

class PluginRun : public testing::Test {
 protected:
  Result<PluginExit> script(const std::string& body, std::string_view input = "",
                            std::chrono::milliseconds timeout = std::chrono::seconds(30)) {
    const std::string path = dir / "plugin";
    std::ofstream(path) << "#!/bin/sh\n" << body << "\n";
    ::chmod(path.c_str(), 0755);
    return run({.path = path,
                .variables = {"PATH=/usr/bin:/bin", "WORD=x"},
                .input = input,
                .timeout = timeout});
  }

  TempDir dir;
};

TEST_F(PluginRun, PassesInputAndEnvironmentAndTakesOutputAndStatus) {
  ASSERT_OK_AND_ASSIGN(const PluginExit exit, script("cat; printf \"$WORD$HOME\"; exit 3", "in"));
  EXPECT_EQ(exit.output, "inx");
  EXPECT_EQ(exit.status, 3);
}

TEST_F(PluginRun, TakesInputLargerThanAPipe) {
  ASSERT_OK_AND_ASSIGN(const PluginExit exit,
                       script("echo first; wc -c", std::string(500000, 'x')));
  EXPECT_EQ(exit.output, "first\n500000\n");
}

TEST_F(PluginRun, EndsAPluginThatTakesTooLong) {
  EXPECT_THAT(script("sleep 600", "", std::chrono::milliseconds(50)),
              FailsWith(Code::timed_out, "no answer in time"));
  EXPECT_THAT(script("exec >&-; sleep 600", "", std::chrono::milliseconds(50)),
              FailsWith(Code::timed_out, "no answer in time"));
}

TEST_F(PluginRun, RefusesOutputWithoutEnd) {
  EXPECT_THAT(script("yes"), FailsWith(Code::invalid_argument, "more than 1 MiB"));
}

TEST_F(PluginRun, ReportsTheSignalThatEndedIt) {
  ASSERT_OK_AND_ASSIGN(const PluginExit exit, script("kill -9 $$"));
  EXPECT_EQ(exit.status, 128 + 9);
}

TEST_F(PluginRun, CannotRunWhatIsNotThere) {
  EXPECT_THAT(run({.path = dir / "nosuch",
                   .variables = {},
                   .input = {},
                   .timeout = std::chrono::seconds(1)}),
              FailsWith(Code::not_found, "nosuch"));
}

class PluginRuns : public testing::Test {
 protected:
  PluginProcess script(const std::string& name, const std::string& body,
                       std::chrono::milliseconds timeout = std::chrono::seconds(30)) {
    std::string path = dir / name;
    std::ofstream(path) << "#!/bin/sh\n" << body << "\n";
    ::chmod(path.c_str(), 0755);
    return {.path = std::move(path),
            .variables = {"PATH=/usr/bin:/bin"},
            .input = {},
            .timeout = timeout};
  }

  TempDir dir;
};

TEST_F(PluginRuns, GiveTheirAnswersInTheOrderOfTheProcesses) {
  const std::vector<PluginProcess> three = {script("a", "sleep 0.2; echo a"),
                                            script("b", "echo b; exit 2"), script("c", "echo c")};
  const std::vector<Result<PluginExit>> exits = run_all(three, 8);
  ASSERT_EQ(exits.size(), 3U);
  EXPECT_EQ(exits[0]->output, "a\n");
  EXPECT_EQ(exits[1]->output, "b\n");
  EXPECT_EQ(exits[1]->status, 2);
  EXPECT_EQ(exits[2]->output, "c\n");
}

// Each waits for the other.
TEST_F(PluginRuns, GoOnAtTheSameTime) {
  const std::string meet = "touch $0.here; until [ -e {}.here ]; do sleep 0.01; done";
  const std::vector<PluginProcess> two = {script("a", fmt::format(fmt::runtime(meet), dir / "b")),
                                          script("b", fmt::format(fmt::runtime(meet), dir / "a"))};
  for (const Result<PluginExit>& exit : run_all(two, 2)) {
    ASSERT_TRUE(exit) << exit.error().message();
    EXPECT_EQ(exit->status, 0);
  }
}

// Each fails while another one runs.
TEST_F(PluginRuns, AreNoMoreAtATimeThanAllowed) {
  const std::string alone = fmt::format("mkdir {0} || exit 1; sleep 0.02; rmdir {0}", dir / "lock");
  const std::vector<PluginProcess> three = {script("a", alone), script("b", alone),
                                            script("c", alone)};
  for (const Result<PluginExit>& exit : run_all(three, 1)) {
    ASSERT_TRUE(exit) << exit.error().message();
    EXPECT_EQ(exit->status, 0);
  }
}

TEST_F(PluginRuns, GoOnWithoutThoseThatFail) {
  PluginProcess gone = script("c", "");
  gone.path += ".gone";
  const std::vector<PluginProcess> four = {gone,
                                           script("a", "sleep 600", std::chrono::milliseconds(50)),
                                           script("b", "sleep 0.2; echo b"), gone};
  const std::vector<Result<PluginExit>> exits = run_all(four, 1);
  EXPECT_THAT(exits[0], FailsWith(Code::not_found, "c.gone"));
  EXPECT_THAT(exits[1], FailsWith(Code::timed_out, "a': no answer in time"));
  EXPECT_EQ(exits[2]->output, "b\n");
  EXPECT_THAT(exits[3], FailsWith(Code::not_found, "c.gone"));
}

}  // namespace
}  // namespace sluice::cni
