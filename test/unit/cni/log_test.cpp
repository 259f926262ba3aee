#include "cni/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <vector>

#include "test/support/temp_dir.h"

namespace sluice::cni {
namespace {

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

TEST(Log, C12_WritesOneLineAnEventAtAndAboveItsLevel) {
  const TempDir dir;
  const Log log = Log::open("info", dir / "log");
  log.debug("unseen");
  log.info("attached", {{"container", "c1"}, {"note", "a\nb"}});
  log.error("failed");

  const auto lines = lines_of(dir / "log");
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_THAT(lines[0],
              testing::EndsWith("Z info    sluice: attached container=\"c1\" note=\"a b\""));
  EXPECT_THAT(lines[1], testing::EndsWith("error   sluice: failed"));
}

TEST(Log, PanicIsSilent) {
  const TempDir dir;
  Log::open("panic", dir / "log").error("failed");
  EXPECT_TRUE(lines_of(dir / "log").empty());
}

}  // namespace
}  // namespace sluice::cni
