#include "bench/cluster_sim/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/support/result_matchers.h"

namespace sluice::sim {
namespace {

TEST(Report, IsAlignedForPeopleWithItsChecks) {
  Report report{.title = "T", .table = {.columns = {"policy", "x"}}};
  report.table.add({"a", "12.5"});
  report.check("x is large", true);
  EXPECT_TRUE(report.holds());
  report.check("x is small", false);

  EXPECT_FALSE(report.holds());
  EXPECT_EQ(to_text(report),
            "T\n\npolicy     x\na       12.5\n\nok      x is large\nMISSED  x is small\n");
}

TEST(Report, FieldsOfACsvAreQuotedWhereTheyMustBe) {
  EXPECT_EQ(to_csv({.columns = {"a", "b"}, .rows = {{"1,5", "say \"no\""}, {"", "x"}}}),
            "a,b\r\n\"1,5\",\"say \"\"no\"\"\"\r\n,x\r\n");
}

TEST(Report, AFileThatCannotBeWrittenIsNamed) {
  EXPECT_THAT(write_csv({}, "/nonexistent/x.csv"),
              FailsWith(Code::not_found, "write '/nonexistent/x.csv': ENOENT"));
}

}  // namespace
}  // namespace sluice::sim
