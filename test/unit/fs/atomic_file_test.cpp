#include "pkg/fs/atomic_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "pkg/fs/file_identity.h"
#include "test/support/result_matchers.h"
#include "test/support/temp_dir.h"

namespace sluice {
namespace {

unsigned mode_of(const std::string& path) {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0 ? found.st_mode & 0777U : 0;
}

TEST(PublishFile, MakesAFileAndItsDirectoriesReadableByAll) {
  const TempDir root;
  const mode_t umask_before = ::umask(077);
  const Result<> published = publish_file(root / "a/b/file", "text");
  ::umask(umask_before);

  ASSERT_THAT(published, IsOk());
  EXPECT_EQ(root.read("a/b/file"), "text");
  EXPECT_EQ(mode_of(root / "a/b/file"), 0644U);
  EXPECT_EQ(mode_of(root / "a/b"), 0755U);
  EXPECT_EQ(mode_of(root / "a"), 0755U);
}

TEST(PublishFile, ReplacesAFileAndLeavesDirectoriesAlone) {
  const TempDir root;
  std::filesystem::create_directory(root / "a");
  ASSERT_EQ(::chmod((root / "a").c_str(), 0700), 0);
  root.write("a/file", "old and longer");

  ASSERT_THAT(publish_file(root / "a/file", "new"), IsOk());

  EXPECT_EQ(root.read("a/file"), "new");
  EXPECT_EQ(mode_of(root / "a"), 0700U);
  EXPECT_FALSE(root.has("a/file.tmp"));
}

TEST(PublishFile, LeavesAFileAloneThatSaysItAlready) {
  const TempDir root;
  ASSERT_THAT(publish_file(root / "file", "text"), IsOk());
  const auto before = identity_of(root / "file");
  ASSERT_THAT(publish_file(root / "file", "text"), IsOk());
  EXPECT_EQ(*identity_of(root / "file"), *before);
  ASSERT_THAT(publish_file(root / "file", "texts"), IsOk());
  EXPECT_NE(*identity_of(root / "file"), *before);
}

TEST(PublishFile, NamesTheDirectoryItCannotMake) {
  const TempDir root;
  root.write("a", "a file");
  EXPECT_THAT(publish_file(root / "a/b/file", "text"),
              FailsWith(Code::internal, "make directory '"));
}

TEST(ReadLinkedFile, FollowsWhatReadFileDoesNot) {
  const TempDir root;
  root.write("file", "text");
  std::filesystem::create_symlink("file", root / "link");
  EXPECT_THAT(read_file(root / "link"), FailsWith(Code::internal, "open '"));
  ASSERT_OK_AND_ASSIGN(const std::string text, read_linked_file(root / "link"));
  EXPECT_EQ(text, "text");
  EXPECT_THAT(read_linked_file(root / "none"), FailsWith(Code::not_found, "none'"));
}

TEST(RemoveFile, SucceedsWhenThereIsNone) {
  const TempDir root;
  root.write("file", "");
  EXPECT_THAT(remove_file(root / "file"), IsOk());
  EXPECT_FALSE(root.has("file"));
  EXPECT_THAT(remove_file(root / "file"), IsOk());
  EXPECT_THAT(remove_file(root.path()), FailsWith(Code::internal, "remove '"));
}

TEST(FileIdentity, IsThatOfTheFileAndNotOfItsPath) {
  const TempDir root;
  root.write("file", "");
  ASSERT_OK_AND_ASSIGN(const auto first, identity_of(root / "file"));
  ASSERT_TRUE(first);
  root.write("file", "written to");
  ASSERT_OK_AND_ASSIGN(const auto same, identity_of(root / "file"));
  EXPECT_EQ(same, first);

  std::filesystem::remove(root / "file");
  ASSERT_OK_AND_ASSIGN(const auto none, identity_of(root / "file"));
  EXPECT_EQ(none, std::nullopt);

  root.write("file", "");
  ASSERT_OK_AND_ASSIGN(const auto second, identity_of(root / "file"));
  EXPECT_NE(second, first);
}

}  // namespace
}  // namespace sluice
