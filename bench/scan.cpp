// A scan of all ports and VFs of a large node, on a tree like sysfs in a temporary directory.
#include "pkg/inventory/scan.h"

#include "bench/bench.h"
#include "test/support/sysfs_tree.h"

namespace sluice::bench {
namespace {

constexpr int kRounds = 15;
constexpr int kPorts = 8;
constexpr int kVfs = 128;

bool run() {
  SysfsTree tree;
  for (int port = 0; port < kPorts; ++port) {
    tree.pf(fmt::format("0000:{:02x}:00.0", 0x10 + port),
            {.vfs = kVfs, .total_vfs = kVfs, .rdma = true});
  }
  const Dir root = tree.root();
  std::vector<double> rounds;
  for (int i = 0; i < kRounds; ++i) {
    std::size_t vfs = 0;
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
                .most = 50e-3});
}

}  // namespace
}  // namespace sluice::bench

int main() {
  return sluice::bench::run() ? 0 : 1;
}
