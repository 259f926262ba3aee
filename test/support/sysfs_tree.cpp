#include "test/support/sysfs_tree.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "pkg/base/strings.h"
#include "test/support/temp_dir.h"
#include "test/support/vf_address.h"

namespace sluice {
namespace {

namespace fs = std::filesystem;

// In memory where it can be: a tree has hundreds of files, and tests build hundreds of trees.
fs::path parent_directory() {
  return fs::is_directory(TempDir::kInMemory) ? fs::path(TempDir::kInMemory)
                                              : fs::temp_directory_path();
}

}  // namespace

SysfsTree::SysfsTree() {
  std::string name = (parent_directory() / "sluice-sysfs-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) std::abort();
  path_ = name;
  fs::create_directories(path_ + "/bus/pci/devices");
  fs::create_directories(path_ + "/class/net");
}

SysfsTree::~SysfsTree() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

SysfsTree& SysfsTree::write(const std::string& path, const std::string& text) {
  const fs::path file = fs::path(path_) / path;
  fs::create_directories(file.parent_path());
  std::ofstream(file) << text << '\n';
  return *this;
}

SysfsTree& SysfsTree::make_link(const std::string& path, const std::string& target) {
  const fs::path file = fs::path(path_) / path;
  fs::create_directories(file.parent_path());
  fs::remove(file);
  fs::create_symlink(target, file);
  return *this;
}

SysfsTree& SysfsTree::remove(const std::string& path) {
  fs::remove_all(fs::path(path_) / path);
  return *this;
}

// Address 0 of a process is never mapped, so its memory file answers EIO there.
SysfsTree& SysfsTree::break_file(const std::string& path) {
  return make_link(path, "/proc/self/mem");
}

SysfsTree& SysfsTree::take_link_away(const std::string& address) {
  for (const auto& link : fs::directory_iterator(path_ + "/" + device(address) + "/net")) {
    fs::remove(path_ + "/class/net/" + link.path().filename().string());
    fs::remove_all(link.path());
  }
  return *this;
}

SysfsTree& SysfsTree::add_link(const std::string& address, const std::string& name,
                               const std::string& phys_port_name, const std::string& dev_port) {
  const std::string link = device(address) + "/net/" + name;
  write(link + "/dev_port", dev_port);
  if (!phys_port_name.empty()) write(link + "/phys_port_name", phys_port_name);
  make_link(link + "/device", "../../../" + address);
  return make_link("class/net/" + name, "../../" + link);
}

PciAddress SysfsTree::vf(const std::string& port, int index) {
  return vf_address(port, index);
}

Dir SysfsTree::root() const {
  return *Dir::open(path_);
}

SysfsTree& SysfsTree::function(const std::string& address) {
  make_function(address, {}, "");
  return *this;
}

SysfsTree& SysfsTree::pf(const std::string& address, const FakePort& port) {
  make_function(address, port, port.driver);
  const std::string at = device(address);
  write(at + "/sriov_totalvfs", std::to_string(port.total_vfs));
  write(at + "/sriov_numvfs", std::to_string(port.vfs));
  write(at + "/sriov_vf_device", port.vf_device);
  write(at + "/sriov_offset",
        std::to_string(vf(address, 0).functions_after(*PciAddress::parse(address))));
  write(at + "/sriov_stride", "1");
  write(at + "/sriov_drivers_autoprobe", "1");
  write(at + "/device", port.device);
  if (!port.link.empty()) {
    const std::string name = port.link + std::to_string(ports_);
    add_link(address, name, port.phys_port_name);
    write(at + "/net/" + name + "/speed", port.speed);
    write(at + "/net/" + name + "/carrier", port.carrier);
    write(at + "/net/" + name + "/type", port.type);
  }
  if (port.rdma) make_rdma(address, port);
  add_vfs(address, port);
  ++ports_;
  return *this;
}

SysfsTree& SysfsTree::add_vfs(const std::string& address, const FakePort& port) {
  for (int index = 0; index < port.vfs; ++index) make_vf(address, port, index);
  return *this;
}

SysfsTree& SysfsTree::remove_vfs(const std::string& address) {
  for (int index = 0; fs::exists(fmt::format("{}/{}/virtfn{}", path_, device(address), index));
       ++index) {
    remove(fmt::format("{}/virtfn{}", device(address), index));
    fs::remove_all(fs::canonical(path_ + "/" + device(vf(address, index).to_string())));
    remove(device(vf(address, index).to_string()));
  }
  return *this;
}

void SysfsTree::make_function(const std::string& address, const FakePort& port,
                              const std::string& driver) {
  const std::string real = fmt::format("devices/{}/{}", port.root, address);
  fs::create_directories(fs::path(path_) / real);
  make_link(device(address), "../../../" + real);
  write(real + "/vendor", port.vendor);
  write(real + "/class", "0x020000");
  write(real + "/numa_node", port.numa_node);
  if (driver.empty()) return;
  fs::create_directories(path_ + "/bus/pci/drivers/" + driver);
  make_link(real + "/driver", "../../../bus/pci/drivers/" + driver);
}

void SysfsTree::make_vf(const std::string& address, const FakePort& port, int index) {
  const std::string vf_address = vf(address, index).to_string();
  make_function(vf_address, port, port.vf_driver);
  const std::string at = device(vf_address);
  write(at + "/device", "0x" + port.vf_device);
  make_link(at + "/physfn", "../" + address);
  make_link(fmt::format("{}/virtfn{}", device(address), index), "../" + vf_address);
  if (port.vf_driver.empty() || port.vf_driver == "vfio-pci") return;
  if (!port.vf_link.empty()) {
    add_link(vf_address, fmt::format("{}{}{}{}", port.link, ports_, port.vf_link, index), "");
  }
  if (port.rdma) make_rdma(vf_address, port);
}

void SysfsTree::make_rdma(const std::string& address, const FakePort& port) {
  const int n = rdma_devices_++;
  const std::string at = device(address);
  const std::string name = fmt::format("mlx5_{}", n);
  write(fmt::format("{}/infiniband_verbs/uverbs{}/ibdev", at, n), name);
  write(fmt::format("{}/infiniband_mad/umad{}/ibdev", at, n), name);
  write(fmt::format("{}/infiniband/{}/ports/1/rate", at, name), port.rdma_rate);
}

}  // namespace sluice
