#include "pkg/base/spelling.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(EditsBetween, CountsLettersAddedDroppedAndChanged) {
  EXPECT_EQ(edits_between("floor", "floor"), 0U);
  EXPECT_EQ(edits_between("flor", "floor"), 1U);
  EXPECT_EQ(edits_between("flooor", "floor"), 1U);
  EXPECT_EQ(edits_between("cieling", "ceiling"), 2U);
  EXPECT_EQ(edits_between("", "vfs"), 3U);
  EXPECT_EQ(edits_between("vfs", ""), 3U);
}

TEST(Nearest, FindsTyposAndNothingFarther) {
  EXPECT_EQ(nearest("drivr", {"driver", "device"}), "driver");
  EXPECT_EQ(nearest("vf", {"vfs", "select"}), "vfs");
  EXPECT_EQ(nearest("bandwidth", {"driver", "device"}), "");
  EXPECT_EQ(nearest("x", {"ab"}), "");
}

}  // namespace
}  // namespace sluice
