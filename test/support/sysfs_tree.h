#pragma once

#include <optional>
#include <string>

#include "pkg/base/pci_address.h"
#include "pkg/fs/dir.h"

namespace sluice {

/// A port to be built, and its VFs. Empty text leaves the thing out.
struct FakePort {
  int vfs = 0;
  int total_vfs = 8;
  std::string driver = "mlx5_core";
  std::string link = "eth";      ///< A number is added: "eth0" for the first port.
  std::string speed = "100000";  ///< Mbit/s, as the file has it.
  std::string carrier = "1";
  std::string type = "1";  ///< ARPHRD_ETHER; "32" is InfiniBand.
  std::string phys_port_name = "p0";
  std::string vendor = "0x15b3";
  std::string device = "0x101d";
  std::string vf_device = "101e";  ///< `sriov_vf_device` has no 0x.
  std::string numa_node = "0";
  std::string root = "pci0000:3a";
  std::string vf_driver = "mlx5_core";
  std::string vf_link = "v";  ///< "eth0v3"
  bool rdma = false;          ///< An RDMA device for the port and each VF.
  std::string rdma_rate = "100 Gb/sec (4X EDR)";
};

/// A sysfs root in a directory of its own, symbolic links included, removed at the end of scope:
///
///   SysfsTree tree;
///   tree.pf("0000:3b:00.0", {.vfs = 4, .driver = "igb"});
///   locate_vf(tree.root(), tree.vf("0000:3b:00.0", 2));
///
/// VFs get the addresses 02.0, 02.1, … on the port's bus, so give each port a bus.
class SysfsTree {
 public:
  SysfsTree();
  SysfsTree(const SysfsTree&) = delete;
  SysfsTree& operator=(const SysfsTree&) = delete;
  ~SysfsTree();

  SysfsTree& pf(const std::string& address, const FakePort& port = {});

  /// VFs for a port that has none; those of `port` are described by its vf_… fields and `vfs`.
  SysfsTree& add_vfs(const std::string& address, const FakePort& port);

  /// Removes all VFs of the port, as a write of 0 does.
  SysfsTree& remove_vfs(const std::string& address);

  /// A network card without SR-IOV, say.
  SysfsTree& function(const std::string& address);

  /// Writes the file, making directories on the way; `path` is below the root.
  SysfsTree& write(const std::string& path, const std::string& text);

  SysfsTree& make_link(const std::string& path, const std::string& target);

  /// Removes the file, link or directory with all below it.
  SysfsTree& remove(const std::string& path);

  /// Reads of the file fail with EIO from now on, as those of a device that is going away.
  SysfsTree& break_file(const std::string& path);

  /// As if the link had moved to another network namespace.
  SysfsTree& take_link_away(const std::string& address);

  /// Gives the function a link of its own beside those it has.
  SysfsTree& add_link(const std::string& address, const std::string& name,
                      const std::string& phys_port_name, const std::string& dev_port = "0");

  static PciAddress vf(const std::string& port, int index);

  Dir root() const;

  const std::string& path() const { return path_; }

  static std::string device(const std::string& address) { return "bus/pci/devices/" + address; }

 private:
  void make_function(const std::string& address, const FakePort& port, const std::string& driver);
  void make_rdma(const std::string& address, const FakePort& port);
  void make_vf(const std::string& address, const FakePort& port, int index);

  std::string path_;
  int ports_ = 0;
  int rdma_devices_ = 0;
};

}  // namespace sluice
