#include "ctl/offers.h"

#include <algorithm>

#include <CLI/CLI.hpp>

#include "ctl/offers_verb.h"
#include "test/support/result_matchers.h"
#include "test/support/sysfs_tree.h"
#include "test/support/temp_dir.h"

namespace sluice {
namespace {

using testing::HasSubstr;

class OffersVerbTest : public testing::Test {
 protected:
  OffersVerbTest() { add_offers_verb(program_, status_); }

  std::string run(std::vector<std::string> more = {}) {
    more.insert(more.begin(),
                {"offers", "--config", dir_ / "config.json", "--run-dir", dir_ / "run",
                 "--state-dir", dir_ / "lib", "--sysfs-root", tree_.path()});
    std::reverse(more.begin(), more.end());  // As CLI::App::parse wants them.
    testing::internal::CaptureStdout();
    program_.parse(more);
    return testing::internal::GetCapturedStdout();
  }

  /// Two VFs offered of four, one of them withdrawn again; one waits, and one has no room.
  void fill() {
    tree_.pf("0000:3b:00.0", {.vfs = 4});
    dir_.write("config.json", R"({"ports": [{"select": {}, "vfs": 4}],
                                  "classes": [{"name": "gold", "floor": "30G"}]})");
    Offer offer{.vf = "0000:3b:02.0",
                .port = "0000:3b:00.0",
                .class_name = "gold",
                .rate = {.floor = BitRate::gbps(30), .ceiling = {}}};
    Offer old = offer;
    old.vf = "0000:3b:02.1";
    old.class_name = "old";
    old.state = OfferState::withdrawn;
    ASSERT_THAT(OfferStore(dir_ / "lib").save({offer, old}), IsOk());
  }

  CLI::App program_;
  int status_ = 0;
  TempDir dir_;
  SysfsTree tree_;
};

TEST_F(OffersVerbTest, ShowsWhatIsOfferedAndWhyTheRestIsNot) {
  fill();
  EXPECT_EQ(run(),
            "PORT          RATE        SHARE       PROMISED   FREE\n"
            "0000:3b:00.0  100 Gbit/s  100 Gbit/s  60 Gbit/s  40 Gbit/s\n"
            "\n"
            "PORT          CLASS  FLOOR      CEILING  OFFERED  TAKEN  FREE  WITHDRAWN\n"
            "0000:3b:00.0  gold   30 Gbit/s  -        1        0      1     0\n"
            "0000:3b:00.0  old    30 Gbit/s  -        0        0      0     1\n"
            "\n"
            "VFs not offered:\n"
            "  1 on 0000:3b:00.0: gold: the agent will offer it\n"
            "    0000:3b:02.2\n"
            "  1 on 0000:3b:00.0: gold: needs 30 Gbit/s, 10 Gbit/s of 100 Gbit/s free\n"
            "    0000:3b:02.3\n");
  EXPECT_EQ(status_, 0);
}

TEST_F(OffersVerbTest, TheJsonHasItAll) {
  fill();
  const std::string json = run({"-o", "json"});
  EXPECT_THAT(json, HasSubstr("\"promised\": 60000000000"));
  EXPECT_THAT(json, HasSubstr("\"withdrawn\": 1"));
  EXPECT_THAT(json, HasSubstr("\"reason\": \"waiting\""));
  EXPECT_THAT(json, HasSubstr("\"reason\": \"no bandwidth\""));
  EXPECT_THAT(json, HasSubstr("\"problems\": []"));
}

TEST_F(OffersVerbTest, WhatCannotBeReadIsNamedAndHidesNothingElse) {
  fill();
  dir_.write("config.json", "{");
  dir_.write("lib/offers.json", "junk");
  const std::string text = run();
  EXPECT_EQ(status_, 1);
  EXPECT_THAT(text, HasSubstr("no rule of the configuration selects the port"));
  EXPECT_THAT(text, HasSubstr("not read: configuration: : not JSON at line 1, column 1\n"));
  EXPECT_THAT(text, HasSubstr("offers.json': not JSON\n"));
}

}  // namespace
}  // namespace sluice
