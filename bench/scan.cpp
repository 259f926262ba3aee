// A scan of all ports and VFs of a large node, on a tree like sysfs in a temporary directory.
#include "pkg/inventory/scan.h"

#include "bench/bench.h"
#include "pkg/inventory/device.h"
#include "test/support/sysfs_tree.h"

namespace sluice::bench {
namespace {

constexpr int kRounds = 15;
constexpr int kPorts = 8;
constexpr int kVfs = 128;

std::string port_address(int port) {
  return fmt::format("0000:{:02x}:00.0", 0x10 + port);
}

/// Seconds to read one file of each VF: what a scan of nothing else would take.
double read_vendors(const Dir& root) {
  std::size_t found = 0;
  const double taken = seconds([&] {
    for (int port = 0; port < kPorts; ++port) {
      for (int vf = 0; vf < kVfs; ++vf) {
        const PciAddress address = SysfsTree::vf(port_address(port), vf);
        found += root.read(device_path(address) + "/vendor").has_value() ? 1U : 0U;
      }
    }
  });
  return found == 0 ? 0 : taken;
}

bool run() {
  SysfsTree tree;
  for (int port = 0; port < kPorts; ++port) {
    tree.pf(port_address(port), {.vfs = kVfs, .total_vfs = kVfs, .rdma = true});
  }
  const Dir root = tree.root();
  std::vector<double> rounds;
  std::vector<double> reads;
  for (int i = 0; i < kRounds; ++i) {
    std::size_t vfs = 0;
    reads.push_back(read_vendors(root));
    rounds.push_back(seconds([&] {
      const Result<Inventory> inventory = scan(root);
      if (!inventory) return;
      for (const Port& port : inventory->ports) vfs += port.vfs.size();
    }));
    if (vfs != std::size_t{kPorts} * kVfs) {
      fmt::print(stderr, "scan found {} VFs of {}\n", vfs, kPorts * kVfs);
      return false;
    }
  }
  return print({.what = fmt::format("scan of {} ports with {} VFs each", kPorts, kVfs),
                .measured = median(rounds),
                .reference = median(reads),
                .reference_name = "one file of each VF",
                .most_ratio = 15});
}

}  // namespace
}  // namespace sluice::bench

int main() {
  return sluice::bench::run() ? 0 : 1;
}
