#include <sys/stat.h>

#include <fstream>

#include "test/unit/cni/task_fixture.h"

namespace sluice::cni {
namespace {

using testing::HasSubstr;

class DeviceInfoFile : public TaskTest {};

TEST_F(DeviceInfoFile, C36_IsMadeByAddAndRemovedByDel) {
  conf.device_info_file = dir / "info/cni/a.json";
  ASSERT_TRUE(perform(add));
  std::ifstream file(conf.device_info_file);
  std::string text;
  std::getline(file, text);
  EXPECT_EQ(text, R"({"type":"pci","version":"1.1.0","pci":{"pci-address":")" + vf(0) +
                      R"(","pf-pci-address":"0000:3b:00.0"}})");
  struct stat info {};
  ASSERT_EQ(::stat(conf.device_info_file.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0644U);

  ASSERT_TRUE(perform(del));
  EXPECT_NE(::stat((dir / "info/cni/a.json").c_str(), &info), 0);
}

TEST_F(DeviceInfoFile, HasTheAddresses) {
  conf.device_info_file = dir / "a.json";
  const TestIpam ipam(dir / "");
  ASSERT_TRUE(perform(add, ipam.settings()));
  std::ifstream file(conf.device_info_file);
  std::string text;
  std::getline(file, text);
  EXPECT_THAT(text, HasSubstr(R"(},"sluice.dev/addresses":["192.0.2.1/24"]})"));
}

TEST_F(DeviceInfoFile, C36_OfOthersIsLeftAlone) {
  conf.device_info_file = dir / "a.json";
  std::ofstream(conf.device_info_file) << "theirs";
  ASSERT_TRUE(perform(add));
  ASSERT_TRUE(perform(del));
  std::string text;
  std::ifstream(conf.device_info_file) >> text;
  EXPECT_EQ(text, "theirs");
}

}  // namespace
}  // namespace sluice::cni
