// The command line of `sluiced provision`: options, refusals, exit codes.
#include "agent/provision_verb.h"

#include <string>
#include <utility>
#include <vector>

#include "agent/config/kept_config.h"
#include "test/support/result_matchers.h"
#include "test/support/sysfs_tree.h"
#include "test/support/verb_test.h"

namespace sluice {
namespace {

using testing::HasSubstr;

class ProvisionVerbTest : public VerbTest {
 protected:
  ProvisionVerbTest() { add_provision_verb(program_, status_); }

  std::string run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "provision");
    return VerbTest::run(std::move(arguments));
  }

  std::string run_with(const std::string& config, std::vector<std::string> more = {}) {
    dir_.write("provision.json", config);
    more.insert(more.end(), {"--config", dir_ / "provision.json", "--run-dir", dir_ / "run",
                             "--sysfs-root", tree_.path()});
    return run(std::move(more));
  }

  SysfsTree tree_;
};

TEST_F(ProvisionVerbTest, RefusesOptionsItDoesNotHave) {
  EXPECT_THAT(run({"--output", "json"}), HasSubstr("--output"));
  EXPECT_THAT(run({"surplus"}), HasSubstr("surplus"));
  EXPECT_THAT(run({"--timeout", "0"}), HasSubstr("0 not in range"));
  EXPECT_THAT(run({"--timeout", "soon"}), HasSubstr("soon"));
  EXPECT_THAT(run({"--config"}), HasSubstr("--config"));
  EXPECT_EQ(status_, kUntouched);
}

TEST_F(ProvisionVerbTest, AMissingConfigurationIsWrongUse) {
  EXPECT_EQ(run({"--config", dir_ / "none.json"}), "");
  EXPECT_EQ(status_, 2);
  EXPECT_THAT(err_, HasSubstr("sluiced: configuration: "));
  EXPECT_THAT(err_, HasSubstr("none.json': ENOENT\nsluiced: nothing was touched\n"));
}

TEST_F(ProvisionVerbTest, TheLastGoodConfigurationStandsInForABadOne) {
  tree_.pf("0000:3b:00.0", {.vfs = 4});
  KeptConfig kept(dir_ / "state");
  ASSERT_THAT(kept.keep(R"({"ports": [], "classes": []})"), IsOk());
  run_with("{", {"--state-dir", dir_ / "state"});
  EXPECT_THAT(out_, HasSubstr("left alone"));
  EXPECT_EQ(status_, 0);
  EXPECT_THAT(err_, HasSubstr("the last good one is used"));
}

TEST_F(ProvisionVerbTest, APortThatFailsCanBeTolerated) {
  tree_.pf("0000:3b:00.0", {.vfs = 4, .total_vfs = 8});
  const std::string more = R"({"ports": [{"select": {}, "vfs": 200}]})";
  run_with(more);
  EXPECT_THAT(out_, HasSubstr("FAILED"));
  EXPECT_EQ(status_, 1);
  run_with(more, {"--tolerate"});
  EXPECT_THAT(out_, HasSubstr("FAILED"));
  EXPECT_EQ(status_, 0);
}

TEST_F(ProvisionVerbTest, AWrongConfigurationIsNamedWholeAndNothingIsTouched) {
  EXPECT_EQ(run_with(R"({"ports": [{"select": {}, "vfs": -1}, {"select": {}, "vfz": 1}]})"), "");
  EXPECT_EQ(status_, 2);
  EXPECT_THAT(err_, HasSubstr("nothing was touched"));
  EXPECT_THAT(err_, HasSubstr("/ports/0/vfs"));
  EXPECT_THAT(err_, HasSubstr("/ports/1/vfz"));
  EXPECT_FALSE(dir_.has("run"));
}

TEST_F(ProvisionVerbTest, FailsWithoutASysfs) {
  dir_.write("provision.json", R"({"ports": []})");
  EXPECT_EQ(run({"--config", dir_ / "provision.json", "--sysfs-root", dir_ / "none"}), "");
  EXPECT_THAT(err_, HasSubstr("sluiced: provision: open '"));
  EXPECT_EQ(status_, 1);
}

TEST_F(ProvisionVerbTest, ADryRunSaysWhatWouldBeDoneAndMakesNoDirectory) {
  tree_.pf("0000:3b:00.0", {.vfs = 0, .total_vfs = 8});
  EXPECT_EQ(run_with(R"({"ports": [{"select": {"driver": "ice"}, "vfs": 2},
                                   {"select": {}, "vfs": "max"}]})",
                     {"--dry-run"}),
            "");
  EXPECT_EQ(status_, 0);
  EXPECT_EQ(out_,
            "0000:3b:00.0 eth0 mlx5_core: planned: would make 8 VFs\n"
            "configuration: note: rule /ports/0 selects no port of this node\n"
            "ports 1, changed 0, failed 0\n");
  EXPECT_FALSE(dir_.has("run"));
}

}  // namespace
}  // namespace sluice
