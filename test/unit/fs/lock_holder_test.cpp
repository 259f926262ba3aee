#include "pkg/fs/lock_holder.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <filesystem>

#include "test/support/temp_dir.h"

namespace sluice {
namespace {

/// A /proc of files.
class LockHolderTest : public testing::Test {
 protected:
  LockHolderTest() {
    dir_.write("port.lock", "");
    std::filesystem::create_directory(dir_ / "4711");
    dir_.write("4711/comm", "sluice\n");
  }

  std::string name() const {
    struct stat file {};
    EXPECT_EQ(::stat((dir_ / "port.lock").c_str(), &file), 0);
    return fmt::format("{:02x}:{:02x}:{}", major(file.st_dev), minor(file.st_dev), file.st_ino);
  }

  std::optional<LockHolder> holder(const std::string& locks) const {
    dir_.write("locks", locks);
    return lock_holder(dir_ / "port.lock", dir_.path());
  }

  TempDir dir_;
};

TEST_F(LockHolderTest, IsTheProcessOfTheLineWithTheFile) {
  const auto found =
      holder(fmt::format("1: POSIX  ADVISORY  WRITE 11 {0} 0 EOF\n"
                         "2: FLOCK  ADVISORY  WRITE 12 00:01:1 0 EOF\n"
                         "3: FLOCK  ADVISORY  WRITE 4711 {0} 0 EOF\n"
                         "3: -> FLOCK  ADVISORY  WRITE 13 {0} 0 EOF\n",
                         name()));
  ASSERT_TRUE(found);
  EXPECT_EQ(*found, (LockHolder{.pid = 4711, .program = "sluice"}));
  EXPECT_EQ(to_string(*found), "process 4711 ('sluice')");
}

TEST_F(LockHolderTest, OneThatHasEndedHasNoProgram) {
  const auto found = holder(fmt::format("1: FLOCK  ADVISORY  WRITE 12 {} 0 EOF\n", name()));
  ASSERT_TRUE(found);
  EXPECT_EQ(to_string(*found), "process 12");
}

TEST_F(LockHolderTest, IsNotKnownOfAnotherPidNamespaceNorWithoutThatFile) {
  EXPECT_EQ(holder(fmt::format("1: FLOCK  ADVISORY  WRITE 0 {} 0 EOF\n", name())), std::nullopt);
  EXPECT_EQ(holder(fmt::format("1: FLOCK  ADVISORY  WRITE -1 {} 0 EOF\n", name())), std::nullopt);
  EXPECT_EQ(holder("junk\n\n1: FLOCK\n"), std::nullopt);
  EXPECT_EQ(lock_holder(dir_ / "port.lock", dir_ / "none"), std::nullopt);
  EXPECT_EQ(lock_holder(dir_ / "none.lock", dir_.path()), std::nullopt);
}

}  // namespace
}  // namespace sluice
