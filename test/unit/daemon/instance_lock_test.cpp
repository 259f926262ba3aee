#include "pkg/daemon/instance_lock.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "test/support/result_matchers.h"
#include "test/support/temp_dir.h"

namespace sluice {
namespace {

TEST(InstanceLock, RefusesASecondInstanceAndNamesTheFirst) {
  const TempDir dir;
  const Result<InstanceLock> first = InstanceLock::take(dir / "lock");
  ASSERT_THAT(first, IsOk());

  const Result<InstanceLock> second = InstanceLock::take(dir / "lock");

  EXPECT_THAT(second,
              FailsWith(Code::busy,
                        fmt::format("another instance is running: process {} on '", ::getpid())));
  EXPECT_THAT(second, FailsWith(Code::busy, fmt::format("' holds '{}'", dir / "lock")));
}

TEST(InstanceLock, GoesWithItsHolder) {
  const TempDir dir;
  { ASSERT_THAT(InstanceLock::take(dir / "lock"), IsOk()); }

  EXPECT_THAT(InstanceLock::take(dir / "lock"), IsOk());
  EXPECT_THAT(dir.read("lock"), testing::StartsWith(fmt::format("{} on '", ::getpid())));
}

TEST(InstanceLock, KnowsWhetherItWasTakenInThisContainer) {
  const TempDir dir;
  EXPECT_THAT(InstanceLock::was_taken_here(dir / "lock"), FailsWith(Code::not_found, ""));
  ASSERT_OK_AND_ASSIGN(const InstanceLock ours, InstanceLock::take(dir / "lock"));
  EXPECT_EQ(InstanceLock::was_taken_here(dir / "lock").value(), true);
  dir.write("lock", "1 on 'node-a'\nmnt:[1]\n");
  EXPECT_EQ(InstanceLock::was_taken_here(dir / "lock").value(), false);
}

TEST(InstanceLock, NamesAPlaceThatCannotBe) {
  EXPECT_THAT(InstanceLock::take("/nonexistent/lock"),
              FailsWith(Code::not_found, "/nonexistent/lock"));
}

}  // namespace
}  // namespace sluice
