#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "dra/slices/claim_node.h"

namespace sluice::dra {

/// Shares of ports as an agent would find them.

inline ClaimPort mlx5_port(int number = 0) {
  return {.share = {.name = fmt::format("0000:3b:00.{}", number),
                    .link = fmt::format("ens1f{}np{}", number, number),
                    .numa_node = 0,
                    .driver = "mlx5_core",
                    .line_rate = BitRate::gbps(100),
                    .usable = BitRate::gbps(40),
                    .promised = BitRate::gbps(10)},
          .vfs = 8,
          .carrier = true,
          .driver = "mlx5_core",
          .pcie_root = "pci0000:3a",
          .rdma_device = fmt::format("mlx5_{}", number),
          .eswitch_mode = "legacy",
          .network = fmt::format("rail-{}", number)};
}

inline ClaimPort igb_port() {
  return {.share = {.name = "0000:01:00.0",
                    .link = "eth1",
                    .driver = "igb",
                    .line_rate = BitRate::gbps(1),
                    .usable = BitRate::mbps(500)},
          .vfs = 7,
          .carrier = true,
          .driver = "igb"};
}

/// InfiniBand keeps no rates.
inline ClaimPort infiniband_port() {
  return {.share = {.name = "0000:86:00.1",
                    .link = "ibs2f1",
                    .medium = Medium::infiniband,
                    .numa_node = 1,
                    .driver = "ipoib",
                    .line_rate = BitRate::gbps(200),
                    .usable = BitRate::gbps(200)},
          .vfs = 16,
          .carrier = true,
          .driver = "mlx5_core",
          .pcie_root = "pci0000:85",
          .rdma_device = "mlx5_5"};
}

inline ClaimVf vf(const std::string& name, const std::string& port = "0000:3b:00.0") {
  return {.name = name,
          .port = port,
          .class_name = "gold",
          .rate = {.floor = BitRate::gbps(20), .ceiling = BitRate::gbps(40)},
          .network = "rail-0"};
}

inline ClaimNode claim_node(std::vector<ClaimPort> ports = {}, std::vector<ClaimVf> vfs = {}) {
  return {.name = "node-a",
          .uid = "5c1f3b1e-7b1c-4b43-9f0e-6b0c5f6d1a11",
          .domain = "sluice.dev",
          .ports = std::move(ports),
          .vfs = std::move(vfs)};
}

/// So many VFs of one port.
inline std::vector<ClaimVf> many_vfs(int count) {
  std::vector<ClaimVf> vfs;
  for (int i = 0; i < count; ++i) {
    vfs.push_back(vf(fmt::format("0000:{:02x}:{:02x}.{}", 0x3b + i / 256, i / 8 % 32, i % 8)));
  }
  return vfs;
}

}  // namespace sluice::dra
