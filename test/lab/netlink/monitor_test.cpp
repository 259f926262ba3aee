#include "pkg/netlink/monitor.h"

#include <cstdlib>
#include <fstream>
#include <string>

#include "test/support/result_matchers.h"

namespace sluice {
namespace {

TEST(Monitor, WakesForAPciFunction) {
  const char* const ports = std::getenv("LAB_PORTS");
  if (ports == nullptr || *ports == '\0') GTEST_SKIP() << "LAB_PORTS names no port";
  const std::string all = ports;
  const std::string port = all.substr(0, all.find(' '));
  ASSERT_OK_AND_ASSIGN(Monitor monitor, Monitor::open());
  // Repeats the event of a driver that changed its VFs.
  std::ofstream("/sys/bus/pci/devices/" + port + "/uevent") << "change" << std::flush;
  ASSERT_OK_AND_ASSIGN(const Changes changes, monitor.drain());
  EXPECT_TRUE(changes.pci);
}

}  // namespace
}  // namespace sluice
