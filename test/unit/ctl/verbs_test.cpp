// The command lines of sluicectl's verbs: options, refusals, exit codes.
#include "ctl/doctor_verb.h"
#include "ctl/lanes_verb.h"
#include "ctl/ports_verb.h"
#include "pkg/ledger/ledger.h"
#include "test/support/child_process.h"
#include "test/support/result_matchers.h"
#include "test/support/verb_test.h"

namespace sluice {
namespace {

using testing::HasSubstr;

class VerbsTest : public VerbTest {
 protected:
  VerbsTest() {
    program_.require_subcommand(1);
    add_doctor_verb(program_, status_);
    add_lanes_verb(program_, status_);
    add_ports_verb(program_, status_);
  }
};

TEST_F(VerbsTest, RefuseAnOutputFormatTheyDoNotHave) {
  for (const char* const verb : {"doctor", "lanes", "ports"}) {
    EXPECT_THAT(run({verb, "--output", "yaml"}), HasSubstr("yaml not in {table,json}"));
  }
  EXPECT_EQ(status_, kUntouched);
}

TEST_F(VerbsTest, RefuseOptionsAndVerbsTheyDoNotHave) {
  EXPECT_THAT(run({"lanes", "--no-such-option"}), HasSubstr("--no-such-option"));
  EXPECT_THAT(run({"ports", "surplus"}), HasSubstr("surplus"));
  EXPECT_THAT(run({"ports", "--output"}), HasSubstr("--output"));
  EXPECT_THAT(run({"boats"}), HasSubstr("subcommand is required"));
  EXPECT_THAT(run({}), HasSubstr("subcommand is required"));
  EXPECT_EQ(status_, kUntouched);
}

TEST(Program, SaysItsVersion) {
  ChildProcess asked({SLUICECTL, "--version"});
  EXPECT_EQ(asked.wait_for_end(), 0);
  EXPECT_EQ(asked.said(), "sluicectl " SLUICE_VERSION "\n");
}

TEST_F(VerbsTest, DoctorTriesNothingWithoutTheAddressOfAVf) {
  EXPECT_THAT(run({"doctor"}), HasSubstr("--try is required"));
  EXPECT_EQ(status_, kUntouched);
  EXPECT_EQ(run({"doctor", "--try", "eth0", "--run-dir", dir_ / "run"}), "");
  EXPECT_EQ(status_, 2);
  EXPECT_THAT(err_, HasSubstr("sluicectl: doctor: want a PCI address like 0000:3b:02.1"));
}

TEST_F(VerbsTest, PortsFailsWithoutASysfs) {
  EXPECT_EQ(run({"ports", "--sysfs-root", dir_ / "none"}), "");
  EXPECT_EQ(status_, 1);
  EXPECT_EQ(out_, "");
  EXPECT_EQ(err_, "sluicectl: ports: open '" + (dir_ / "none") + "': ENOENT\n");
}

TEST_F(VerbsTest, LanesOfANodeWithoutAny) {
  EXPECT_EQ(run({"lanes", "--run-dir", dir_ / "run", "--state-dir", dir_ / "lib"}), "");
  EXPECT_EQ(status_, 0);
  EXPECT_EQ(out_, "no lanes on this node\n");
}

TEST_F(VerbsTest, LanesShowsWhatItCanAndSaysByItsStatusWhatItCannot) {
  const auto boot = this_boot();
  ASSERT_THAT(boot, IsOk());
  const auto ledger = Ledger::open(dir_ / "run", *boot);
  ASSERT_THAT(ledger, IsOk());
  ASSERT_OK_AND_ASSIGN(LockedPort locked,
                       ledger->lock("0000:3b:00.0", std::chrono::milliseconds(0)));
  LaneRecord lane;
  lane.id = "0000:3b:02.1";
  lane.provider = "vf";
  locked.record().lanes = {lane};
  ASSERT_THAT(locked.save(), IsOk());
  dir_.write("run/ports/0000:5e:00.0.json", "junk");

  EXPECT_EQ(run({"lanes", "-o", "json", "--run-dir", dir_ / "run", "--state-dir", dir_ / "lib"}),
            "");
  EXPECT_EQ(status_, 1);
  EXPECT_THAT(out_, HasSubstr("\"id\": \"0000:3b:02.1\""));
  EXPECT_THAT(out_, HasSubstr("0000:5e:00.0.json': not JSON"));
}

}  // namespace
}  // namespace sluice
