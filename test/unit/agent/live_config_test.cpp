#include "agent/config/live_config.h"

#include "test/support/result_matchers.h"
#include "test/support/temp_dir.h"

namespace sluice {
namespace {

constexpr const char* kGood = R"({"ports": [], "classes": [{"name": "gold"}]})";
constexpr const char* kBad = R"({"ports": [], "classes": [{"nam": "gold"}]})";

class LiveConfigTest : public testing::Test {
 protected:
  LiveConfigTest() {
    write(kGood);
    is_read_ = config_.reload().has_value();
  }

  void SetUp() override { ASSERT_TRUE(is_read_); }

  void write(const std::string& text) { dir_.write("config.json", text); }

  TempDir dir_;
  LiveConfig config_{dir_ / "config.json", dir_ / "state"};

 private:
  bool is_read_ = false;
};

TEST_F(LiveConfigTest, WhatSaysTheSameIsNoChange) {
  ASSERT_OK_AND_ASSIGN(const bool again, config_.reload());
  EXPECT_FALSE(again);
  write(R"({"ports": [], "classes": [{"name": "gold", "weight": 1}]})");
  ASSERT_OK_AND_ASSIGN(const bool in_other_words, config_.reload());
  EXPECT_FALSE(in_other_words);
}

TEST_F(LiveConfigTest, AnotherOneIsInForceAtOnce) {
  write(R"({"ports": [], "classes": []})");
  ASSERT_OK_AND_ASSIGN(const bool changed, config_.reload());
  EXPECT_TRUE(changed);
  EXPECT_TRUE(config_.current()->classes.empty());
}

TEST_F(LiveConfigTest, D16_WhatIsNotGoodIsReportedUntilItIs) {
  const ConfigPtr before = config_.current();
  write(kBad);
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(config_.reload(), FailsWith(Code::invalid_argument, "/classes/0/nam"));
  }
  EXPECT_EQ(config_.current(), before);
  write(kGood);
  ASSERT_OK_AND_ASSIGN(const bool changed, config_.reload());
  EXPECT_FALSE(changed);
}

TEST_F(LiveConfigTest, TheLastGoodOneIsThereAtTheNextStart) {
  ASSERT_THAT(config_.keep(), IsOk());
  write(kBad);
  LiveConfig next(dir_ / "config.json", dir_ / "state");
  ASSERT_THAT(next.load(), IsOk());
  EXPECT_EQ(*next.current(), *config_.current());
  EXPECT_THAT(next.reload(), FailsWith(Code::invalid_argument, "/classes/0/nam"));
  ASSERT_THAT(next.keep(), IsOk()) << "what is bad is not kept";

  LiveConfig after_that(dir_ / "config.json", dir_ / "state");
  EXPECT_THAT(after_that.load(), IsOk());
}

TEST_F(LiveConfigTest, WithoutALastGoodOneABadFileIsAnError) {
  write(kBad);
  LiveConfig next(dir_ / "config.json", dir_ / "state");
  EXPECT_THAT(next.load(), FailsWith(Code::invalid_argument, "/classes/0/nam"));
  EXPECT_EQ(next.current(), nullptr);
}

TEST_F(LiveConfigTest, D16_AnotherDomainIsRefused) {
  write(R"({"domain": "other.dev", "ports": [], "classes": []})");
  EXPECT_THAT(config_.reload(),
              FailsWith(Code::invalid_argument, "/domain: 'sluice.dev' is in force until"));
  EXPECT_EQ(config_.current()->domain, "sluice.dev");
}

TEST(LiveConfigOfAnotherDomain, HearsNothingOfADomainThatCannotBeRead) {
  const TempDir dir;
  LiveConfig config(dir / "config.json", dir / "state");
  dir.write("config.json", R"({"domain": "other.dev", "ports": []})");
  ASSERT_THAT(config.reload(), IsOk());

  for (const char* const text : {"{", "[]", R"({"domain": 7, "ports": []})"}) {
    dir.write("config.json", text);
    EXPECT_THAT(config.reload(), FailsWith(Code::invalid_argument, ": 1 problems\n")) << text;
  }
}

}  // namespace
}  // namespace sluice
