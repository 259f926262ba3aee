#include <vector>

#include "test/life/model_hardware.h"
#include "test/life/run.h"

namespace sluice {
namespace {

constexpr ModelCase kCases[] = {
    {.model = "mlx5"},
    {.model = "mlx5", .rdma = RdmaNetnsMode::shared},
    {.model = "mlx5_switchdev"},
    {.model = "ipoib"},
    {.model = "ipoib", .version = KernelVersion::v7_3},
    {.model = "ipoib", .rdma = RdmaNetnsMode::shared},
    {.model = "ice"},
    {.model = "ice", .version = KernelVersion::v6_1},
    {.model = "ice", .version = KernelVersion::v7_3},
    {.model = "i40e"},
    {.model = "i40e", .version = KernelVersion::v6_1},
    {.model = "ixgbe"},
    {.model = "igb"},
    {.model = "igb", .version = KernelVersion::v6_1},
    {.model = "bnxt_en"},
    {.model = "bnxt_en", .rdma = RdmaNetnsMode::shared},
    {.model = "qede"},
    {.model = "netdevsim"},
    {.model = "netdevsim_switchdev"},
};

std::vector<Subject> subjects() {
  std::vector<Subject> all;
  for (const ModelCase& wanted : kCases) {
    all.push_back(
        {to_string(wanted), [wanted] { return std::make_unique<ModelHardware>(wanted); }});
  }
  return all;
}

}  // namespace
}  // namespace sluice

int main(int argc, char** argv) {
  return sluice::run_life(argc, argv, sluice::subjects());
}
