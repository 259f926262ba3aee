#include "pkg/fs/dir.h"

#include <filesystem>

#include "test/support/result_matchers.h"
#include "test/support/sysfs_tree.h"

namespace sluice {
namespace {

using Names = std::vector<std::string>;

class DirTest : public ::testing::Test {
 protected:
  SysfsTree tree_;
  Dir root_ = tree_.root();
};

TEST_F(DirTest, ReadTrimsAndTellsAbsentFromFailed) {
  tree_.write("a/text", " x y \n").break_file("a/broken");

  EXPECT_EQ(root_.read("a/text")->value(), "x y");
  EXPECT_EQ(*root_.read("a/none"), std::nullopt);
  EXPECT_EQ(*root_.read("a/text/deeper"), std::nullopt);
  EXPECT_THAT(root_.read("a/broken"), FailsWith(Code::internal, "read 'a/broken': EIO"));
}

TEST_F(DirTest, ReadRefusesWhatIsNoAttribute) {
  tree_.write("huge", std::string(std::size_t{65} * 1024, 'x'));

  EXPECT_THAT(root_.read("huge"), FailsWith(Code::internal, "read 'huge': EFBIG"));
}

TEST_F(DirTest, WriteReplacesAndNeverCreates) {
  tree_.write("count", "12345");

  EXPECT_THAT(root_.write("count", "7"), IsOk());
  EXPECT_EQ(root_.read("count")->value(), "7");
  EXPECT_THAT(root_.write("none", "7"), FailsWith(Code::not_found, "open 'none': ENOENT"));
  EXPECT_FALSE(*root_.exists("none"));
}

TEST_F(DirTest, WriteReportsTheErrnoOfTheKernel) {
  tree_.make_link("full", "/dev/full");

  EXPECT_THAT(root_.write("full", "7"), FailsWith(Code::exhausted, "write 'full': ENOSPC"));
}

TEST_F(DirTest, ListIsSortedAndWhole) {
  Names expected;
  for (int i = 100; i < 500; ++i) {
    expected.push_back(fmt::format("a-long-name-so-that-one-answer-does-not-hold-all-{}", i));
    tree_.write("many/" + expected.back(), "");
  }

  EXPECT_EQ(root_.list("many")->value(), expected);
  EXPECT_EQ(*root_.list("none"), std::nullopt);
  EXPECT_EQ(root_.list("class/net")->value(), Names());
}

TEST_F(DirTest, ReadLinkKnowsLinksOnly) {
  tree_.make_link("link", "../drivers/igb").write("file", "");

  EXPECT_EQ(root_.read_link("link")->value(), "../drivers/igb");
  EXPECT_EQ(base_name(root_.read_link("link")->value()), "igb");
  EXPECT_EQ(*root_.read_link("file"), std::nullopt);
  EXPECT_EQ(*root_.read_link("none"), std::nullopt);
}

TEST_F(DirTest, OpenDirHoldsTheDirectoryAcrossARename) {
  tree_.write("a/text", "x");
  const auto opened = root_.open_dir("a");
  ASSERT_TRUE(opened && *opened);

  std::filesystem::rename(tree_.path() + "/a", tree_.path() + "/b");

  EXPECT_EQ((*opened)->read("text")->value(), "x");
  EXPECT_FALSE(root_.open_dir("a")->has_value());
  EXPECT_FALSE(root_.open_dir("b/text")->has_value());
}

TEST_F(DirTest, OpenNamesThePath) {
  EXPECT_THAT(Dir::open(tree_.path() + "/none"),
              FailsWith(Code::not_found, "open '" + tree_.path() + "/none': ENOENT"));
}

}  // namespace
}  // namespace sluice
