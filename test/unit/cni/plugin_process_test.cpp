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

}  // namespace
}  // namespace sluice::cni
