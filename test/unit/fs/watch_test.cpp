#include "pkg/fs/watch.h"

#include <gtest/gtest.h>

#include "test/support/result_matchers.h"
#include "test/support/temp_dir.h"

namespace sluice {
namespace {

DirectoryChanges of_names(std::vector<std::string> names) {
  return {.names = std::move(names)};
}

TEST(Watch, SaysNothingWhileNothingHappens) {
  const TempDir directory;
  directory.write("old", "");
  ASSERT_OK_AND_ASSIGN(const Watch watch, Watch::open(directory.path()));
  ASSERT_OK_AND_ASSIGN(const DirectoryChanges changes, watch.drain());
  EXPECT_FALSE(changes.any());
}

TEST(Watch, NamesEachEntryThatChangedOnce) {
  const TempDir directory;
  directory.write("removed", "");
  directory.write("renamed", "");
  ASSERT_OK_AND_ASSIGN(const Watch watch, Watch::open(directory.path()));

  directory.write("made", "a");
  directory.write("made", "b");
  std::filesystem::remove(directory / "removed");
  std::filesystem::rename(directory / "renamed", directory / "added");

  ASSERT_OK_AND_ASSIGN(const DirectoryChanges changes, watch.drain());
  EXPECT_EQ(changes, of_names({"added", "made", "removed", "renamed"}));
  ASSERT_OK_AND_ASSIGN(const DirectoryChanges later, watch.drain());
  EXPECT_FALSE(later.any());
}

TEST(Watch, SeesTheSymbolicLinkThatAConfigMapSwaps) {
  const TempDir directory;
  std::filesystem::create_symlink("v1", directory / "..data");
  ASSERT_OK_AND_ASSIGN(const Watch watch, Watch::open(directory.path()));

  std::filesystem::create_symlink("v2", directory / "..data_tmp");
  std::filesystem::rename(directory / "..data_tmp", directory / "..data");

  ASSERT_OK_AND_ASSIGN(const DirectoryChanges changes, watch.drain());
  EXPECT_EQ(changes, of_names({"..data", "..data_tmp"}));
}

TEST(Watch, SaysThatTheDirectoryIsGone) {
  const TempDir parent;
  std::filesystem::create_directory(parent / "watched");
  ASSERT_OK_AND_ASSIGN(const Watch watch, Watch::open(parent / "watched"));

  std::filesystem::remove(parent / "watched");

  ASSERT_OK_AND_ASSIGN(const DirectoryChanges changes, watch.drain());
  EXPECT_TRUE(changes.gone);
}

TEST(Watch, RefusesWhatIsNoDirectory) {
  const TempDir directory;
  directory.write("file", "");
  EXPECT_THAT(Watch::open(directory / "none"), FailsWith(Code::not_found, "watch '"));
  EXPECT_THAT(Watch::open(directory / "file"), FailsWith(Code::internal, "ENOTDIR"));
}

}  // namespace
}  // namespace sluice
