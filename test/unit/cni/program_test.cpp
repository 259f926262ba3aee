#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cni/plugin_process.h"
#include "test/support/temp_dir.h"

namespace sluice::cni {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

/// The program itself, run as a runtime does, on a node of its own without any device.
class Program : public testing::Test {
 protected:
  PluginExit call(const std::vector<std::string>& variables, const std::string& input) {
    std::vector<std::string> all = variables;  // The first of a name is the one that is found.
    all.insert(all.end(), {"SLUICE_RUN_DIR=" + (dir / "run"), "SLUICE_STATE_DIR=" + (dir / "lib"),
                           "SLUICE_SYSFS_ROOT=" + dir.path()});
    Result<PluginExit> exit = run({.path = SLUICE_CNI_PROGRAM,
                                   .variables = all,
                                   .input = input,
                                   .timeout = std::chrono::seconds(60)});
    EXPECT_TRUE(exit) << exit.error().message();
    return exit ? *exit : PluginExit{.status = -1};
  }

  static std::vector<std::string> attachment(const std::string& command) {
    return {"CNI_COMMAND=" + command, "CNI_CONTAINERID=c1", "CNI_NETNS=/run/netns/nosuch",
            "CNI_IFNAME=net1"};
  }

  TempDir dir;
};

constexpr const char* kBase =
    R"({"cniVersion":"1.1.0","name":"rdma-net","type":"sluice","deviceID":"0000:af:06.0"})";

TEST_F(Program, C01_AnswersVersion) {
  const PluginExit exit = call({"CNI_COMMAND=VERSION"}, R"({"cniVersion":"1.1.0"})");
  EXPECT_EQ(exit.status, 0);
  EXPECT_EQ(exit.output, R"({"cniVersion":"1.1.0","supportedVersions":)"
                         R"(["0.3.0","0.3.1","0.4.0","1.0.0","1.1.0"]})"
                         "\n");
}

TEST_F(Program, C02_WithoutACommandIsAnEnvironmentError) {
  const PluginExit exit = call({}, kBase);
  EXPECT_NE(exit.status, 0);
  EXPECT_THAT(exit.output, StartsWith(R"({"cniVersion":"1.1.0","code":4,)"));
  EXPECT_THAT(exit.output, HasSubstr("CNI_COMMAND"));
}

TEST_F(Program, C06_RefusesInputThatIsNotJson) {
  EXPECT_THAT(call(attachment("ADD"), "{").output, HasSubstr(R"("code":6)"));
}

TEST_F(Program, RefusesInputWithoutEnd) {
  EXPECT_THAT(call(attachment("ADD"), std::string((1 << 20) + 1, ' ')).output,
              HasSubstr(R"("code":5)"));
}

TEST_F(Program, AnswersErrorsInTheVersionOfTheConfiguration) {
  EXPECT_THAT(call(attachment("ADD"), R"({"cniVersion":"0.4.0","name":"n"})").output,
              StartsWith(R"({"cniVersion":"0.4.0","code":7,)"));
}

TEST_F(Program, RefusesANamespaceThatIsNotThere) {
  EXPECT_THAT(call(attachment("ADD"), kBase).output, HasSubstr(R"("code":8)"));
}

TEST_F(Program, C61_C63_ADelOfNothingIsSuccessAndSilent) {
  for (int i = 0; i < 2; ++i) {
    const PluginExit exit = call(attachment("DEL"), kBase);
    EXPECT_EQ(exit.status, 0) << exit.output;
    EXPECT_EQ(exit.output, "");
  }
}

TEST_F(Program, C76_ReportsItsStatus) {
  EXPECT_EQ(call({"CNI_COMMAND=STATUS"}, kBase).status, 0);
  const std::string bad = R"({"cniVersion":"1.1.0","name":"n","type":"sluice","vlan":4095})";
  EXPECT_THAT(call({"CNI_COMMAND=STATUS"}, bad).output, HasSubstr(R"("code":50)"));
  EXPECT_THAT(call({"CNI_COMMAND=STATUS", "SLUICE_RUN_DIR=/proc/nosuch"}, kBase).output,
              HasSubstr(R"("code":50)"));
}

}  // namespace
}  // namespace sluice::cni
