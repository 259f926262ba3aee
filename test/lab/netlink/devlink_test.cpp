#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "pkg/netlink/kernel_devlink.h"
#include "test/contract/devlink_contract.h"

namespace sluice {
namespace {

constexpr const char* kBus = "/sys/bus/netdevsim";

bool write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path);
  file << text << std::flush;
  return file.good();
}

/// A new simulated port with two VFs; any that has the number is removed.
DevlinkDevice simulated(int number) {
  const std::string id = std::to_string(number);
  DevlinkDevice device{.bus = "netdevsim", .name = "netdevsim" + id};
  const std::string folder = std::string(kBus) + "/devices/" + device.name;
  if (std::filesystem::exists(folder)) write_file(std::string(kBus) + "/del_device", id);
  EXPECT_TRUE(write_file(std::string(kBus) + "/new_device", id + " 1"));
  EXPECT_TRUE(write_file(folder + "/sriov_numvfs", "2"));
  return device;
}

DevlinkWorld kernel_world() {
  std::system("modprobe -q netdevsim");  // Debian's kernels do not have it; the lab can build it.
  if (!std::filesystem::exists(kBus)) return {.skip = "this kernel has no netdevsim"};
  DevlinkWorld world{.devlink = std::make_unique<KernelDevlink>(KernelDevlink::open().value()),
                     .device = simulated(10),
                     .legacy = simulated(11)};
  const std::string command =
      "devlink dev eswitch set " + world.device.to_string() + " mode switchdev";
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
  return world;
}

INSTANTIATE_TEST_SUITE_P(Kernel, DevlinkContract, testing::Values(kernel_world));

}  // namespace
}  // namespace sluice
