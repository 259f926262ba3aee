#pragma once

#include <cstdint>
#include <string>

#include "agent/published/inventory_options.h"

namespace sluice {

/// What `sluiced run` is told on its command line; the defaults are those of a node.
struct RunOptions {
  std::string config = "/etc/sluice/config.json";
  std::string sysfs_root = "/sys";
  std::string proc_root = "/proc";
  std::string run_dir = "/run/sluice";
  std::string state_dir = "/var/lib/sluice";
  std::string kubelet_dir = "/var/lib/kubelet";
  std::string cdi_dir = "/var/run/cdi";
  std::string memlock_hook = "/opt/cni/bin/sluice-memlock";
  std::string device_info_dir = "/var/run/k8s.cni.cncf.io/devinfo/dp";
  bool take_over = false;
  bool no_cdi = false;
  std::string node;
  std::string kubeconfig;
  std::string http_address = "127.0.0.1";
  std::uint16_t http_port = 9445;
  InventoryOptions inventory;
  std::string log_level = "info";
  bool log_json = false;
};

/// The lock of the instance that acts.
inline std::string lock_of(const std::string& run_dir) {
  return run_dir + "/sluiced.lock";
}

}  // namespace sluice
