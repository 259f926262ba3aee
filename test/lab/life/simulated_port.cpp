#include "test/lab/life/simulated_port.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

namespace sluice {
namespace {

namespace fs = std::filesystem;

// A number of its own: tests share a guest, and others make such devices too.
constexpr const char* kNumber = "78";
constexpr const char* kName = "netdevsim78";
const std::string kBus = "/sys/bus/netdevsim/";
const std::string kDevice = kBus + "devices/" + kName;
constexpr const char* kPort = "0000:3b:00.0";

void remove_device() {
  if (fs::exists(kDevice)) write_file(kBus + "del_device", kNumber);
}

/// Makes the device; its link, before the mode gives its VFs links as well.
std::string make_device() {
  remove_device();
  EXPECT_TRUE(write_file(kBus + "new_device", std::string(kNumber) + " 1"));
  return fs::directory_iterator(kDevice + "/net")->path().filename().string();
}

FakePort made_up() {
  return {.vfs = Hardware::kVfs,
          .driver = "netdevsim",
          .link = "",
          .device = "0x0000",
          .vf_driver = "vfio-pci",
          .vf_link = ""};
}

}  // namespace

bool SimulatedPort::is_there() {
  static_cast<void>(std::system("modprobe -q netdevsim"));  // NOLINT(cert-env33-c)
  return fs::exists(kBus);
}

SimulatedPort::SimulatedPort(EswitchMode mode)
    : mode_(mode), link_(make_device()), sysfs_((tree_.pf(kPort, made_up()), tree_.root())) {
  EXPECT_TRUE(write_file(kDevice + "/sriov_numvfs", std::to_string(kVfs)));
  if (mode == EswitchMode::switchdev) {
    const std::string set = std::string("devlink dev eswitch set netdevsim/") + kName;
    EXPECT_EQ(std::system((set + " mode switchdev").c_str()), 0);  // NOLINT(cert-env33-c)
  }
  tree_.add_link(kPort, link_, "p1");
  tree_.write(SysfsTree::device(kPort) + "/net/" + link_ + "/type", "1");
  restore_carrier(line_rate());
}

SimulatedPort::~SimulatedPort() {
  remove_device();
}

std::string SimulatedPort::name() const {
  return mode_ == EswitchMode::switchdev ? "netdevsim_switchdev" : "netdevsim";
}

PciAddress SimulatedPort::port() const {
  return *PciAddress::parse(kPort);
}

PciAddress SimulatedPort::vf(int index) const {
  return SysfsTree::vf(kPort, index);
}

Link SimulatedPort::port_link() {
  return live().links().find(link_).value().value();
}

// As FakeMachine shows it: SPEED_UNKNOWN without carrier (net/core/net-sysfs.c speed_show).
void SimulatedPort::show_wire(const std::string& speed, const std::string& carrier) {
  const std::string at = SysfsTree::device(kPort) + "/net/" + link_;
  tree_.write(at + "/speed", speed);
  tree_.write(at + "/carrier", carrier);
  tree_.write(at + "/carrier_changes", std::to_string(++carrier_changes_));
}

bool SimulatedPort::lose_carrier() {
  show_wire("-1", "0");
  return true;
}

bool SimulatedPort::restore_carrier(BitRate line_rate) {
  show_wire(std::to_string(line_rate.as_mbps_floor()), "1");
  return true;
}

bool SimulatedPort::remove_vfs() {
  tree_.remove_vfs(kPort);
  return write_file(kDevice + "/sriov_numvfs", "0");
}

}  // namespace sluice
