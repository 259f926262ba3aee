#include "test/lab/life/igb_port.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace sluice {
namespace {

namespace fs = std::filesystem;

constexpr const char* kUnbind = "/sys/bus/pci/drivers/igbvf/unbind";
constexpr const char* kBind = "/sys/bus/pci/drivers/igbvf/bind";

std::string read_file(const std::string& path) {
  std::string text;
  std::getline(std::ifstream(path), text);
  return text;
}

std::string folder_of(PciAddress function) {
  return "/sys/bus/pci/devices/" + function.to_string();
}

/// The function's link in the host; empty while it has none there.
std::string link_of(PciAddress function) {
  std::error_code gone;
  const fs::directory_iterator links(folder_of(function) + "/net", gone);
  return gone || links == fs::directory_iterator() ? std::string()
                                                   : links->path().filename().string();
}

PciAddress first_port() {
  const char* const ports = std::getenv("LAB_PORTS");  // NOLINT(concurrency-mt-unsafe)
  const std::string all = ports != nullptr ? ports : "";
  const auto port = PciAddress::parse(all.substr(0, all.find(' ')));
  if (!port) std::fprintf(stderr, "LAB_PORTS names no port\n");
  return port.value();
}

}  // namespace

IgbPort::IgbPort() : port_(first_port()), sysfs_(Dir::open("/sys").value()) {}

// A step that failed, or that found out late that it cannot be done, leaves its lanes.
IgbPort::~IgbPort() {
  const bool left = testing::Test::HasFailure() || !vfs_have_links();
  live().links().change(port_link().index, {.up = true});
  settle();
  if (left) remove_vfs();
}

std::string IgbPort::device() const {
  return folder_of(port_);
}

PciAddress IgbPort::vf(int index) const {
  std::error_code gone;
  const fs::path target = fs::read_symlink(device() + "/virtfn" + std::to_string(index), gone);
  if (!gone) vfs_.insert_or_assign(index, PciAddress::parse(target.filename().string()).value());
  return vfs_.at(index);
}

// igb_ndo_set_vf_bw: no floors; no ndo_set_vf_link_state; igb_set_vf_mac_addr.
Abilities IgbPort::abilities() const {
  return {.link_state = false, .divides = true, .pins_mac = true};
}

Link IgbPort::port_link() {
  return live().links().find(link_of(port_)).value().value();
}

bool IgbPort::has_carrier() const {
  return read_file(device() + "/net/" + link_of(port_) + "/carrier") == "1";
}

bool IgbPort::vfs_have_links() const {
  for (int i = 0; i < kVfs; ++i) {
    if (link_of(vf(i)).empty()) return false;
  }
  return true;
}

void IgbPort::settle() {
  EXPECT_TRUE(!port_link().up || eventually([&] { return has_carrier(); }));
}

bool IgbPort::lose_carrier() {
  EXPECT_TRUE(live().links().change(port_link().index, {.up = false}));
  return true;
}

int IgbPort::carrier_changes() const {
  return std::stoi(read_file(device() + "/net/" + link_of(port_) + "/carrier_changes"));
}

bool IgbPort::change_wire(const std::string& options) const {
  const int before = carrier_changes();
  if (std::system(("ethtool " + options).c_str()) != 0) return false;  // NOLINT(cert-env33-c)
  return eventually([&] { return carrier_changes() >= before + 2 && has_carrier(); });
}

bool IgbPort::restore_carrier(BitRate line_rate) {
  if (!live().links().change(port_link().index, {.up = true})) return false;
  const std::string link = link_of(port_);
  return line_rate == this->line_rate() && eventually([&] { return has_carrier(); }) &&
         change_wire("--change " + link + " speed 100 duplex full autoneg off") &&
         change_wire("--change " + link + " autoneg on");
}

bool IgbPort::reset_port() {
  return write_file(device() + "/reset", "1") && change_wire("--negotiate " + link_of(port_));
}

// igbvf_io_prepare takes a VF down that is down already, and waits for ever (napi_disable).
bool IgbPort::reset_vf(int index) {
  const bool is_in_pod = link_of(vf(index)).empty();
  if (!is_in_pod) return false;
  return write_file(folder_of(vf(index)) + "/reset", "1");
}

bool IgbPort::recreate_vf(int index) {
  return lose_vf(index) && find_vf(index);
}

bool IgbPort::lose_vf(int index) {
  return write_file(kUnbind, vf(index).to_string());
}

bool IgbPort::find_vf(int index) {
  return write_file(kBind, vf(index).to_string()) &&
         eventually([&] { return !link_of(vf(index)).empty(); });
}

bool IgbPort::remove_vfs() {
  for (int i = 0; i < kVfs; ++i) vf(i);
  return write_file(device() + "/sriov_numvfs", "0");
}

}  // namespace sluice
