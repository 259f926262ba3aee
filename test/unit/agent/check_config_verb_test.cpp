#include "agent/check_config_verb.h"

#include <string>
#include <utility>
#include <vector>

#include "test/support/result_matchers.h"
#include "test/support/verb_test.h"

namespace sluice {
namespace {

using testing::HasSubstr;

class CheckConfigVerbTest : public VerbTest {
 protected:
  CheckConfigVerbTest() { add_check_config_verb(program_, status_); }

  std::string run(std::vector<std::string> files) {
    files.insert(files.begin(), "check-config");
    return VerbTest::run(std::move(files));
  }

  std::string run_on(const std::string& text) {
    dir_.write("config.json", text);
    return run({dir_ / "config.json"});
  }
};

TEST_F(CheckConfigVerbTest, SumsUpAGoodConfiguration) {
  EXPECT_EQ(run_on(R"({"ports": [{"select": {}, "vfs": "leave"}], "domain": "rdma.example",
                       "classes": [{"name": "gold", "floor": "40G", "weight": 3},
                                   {"name": "rest", "ceiling": "2500M"}]})"),
            "");
  EXPECT_EQ(status_, 0);
  EXPECT_EQ(out_, (dir_ / "config.json") +
                      ": good: 1 port rules, 2 classes\n"
                      "  rdma.example/gold: floor 40 Gbit/s, ceiling none, weight 3\n"
                      "  rdma.example/rest: floor none, ceiling 2.5 Gbit/s, weight 1\n");
  EXPECT_EQ(err_, "");
}

TEST_F(CheckConfigVerbTest, D21_NamesEveryProblem) {
  EXPECT_EQ(run_on(R"({"ports": [], "classes": [{"name": "gold"}, {"name": "gold"},
                                                {"name": "Not_a_name"}]})"),
            "");
  EXPECT_EQ(status_, 1);
  EXPECT_EQ(out_, "");
  EXPECT_THAT(err_, HasSubstr("config.json: 2 problems\n"));
  EXPECT_THAT(err_, HasSubstr("/classes/1/name: 'gold' is the name of /classes/0 already\n"));
  EXPECT_THAT(err_, HasSubstr("got 'Not_a_name'\n"));
}

TEST_F(CheckConfigVerbTest, AMissingFileIsWrongUse) {
  EXPECT_EQ(run({dir_ / "none"}), "");
  EXPECT_EQ(status_, 2);
  EXPECT_EQ(err_, "sluiced: check-config: open '" + (dir_ / "none") + "': ENOENT\n");
}

TEST_F(CheckConfigVerbTest, RefusesToGuessWhichFile) {
  EXPECT_THAT(run({}), HasSubstr("file is required"));
  EXPECT_NE(run({"a", "b"}), "");
  EXPECT_EQ(status_, kUntouched);
}

}  // namespace
}  // namespace sluice
