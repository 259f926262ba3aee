#include "pkg/provision/wait_usable.h"

#include <fmt/ranges.h>

#include <thread>
#include <vector>

#include "pkg/inventory/device.h"
#include "pkg/inventory/scan.h"

namespace sluice {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPoll{50};

std::string missing(const Port& port, const Vf& vf) {
  switch (vf.state) {
    case VfState::unbound: return "no driver";
    case VfState::pending: return fmt::format("no link yet from {}", vf.driver);
    case VfState::ready: break;
    default: return "";
  }
  const bool wants_rdma = !port.rdma_device.empty() && vf.driver == port.driver;
  return wants_rdma && vf.rdma_device.empty() ? "no RDMA device yet" : "";
}

}  // namespace

std::string not_usable_yet(const Port& port) {
  std::vector<std::string> reasons;
  for (const Vf& vf : port.vfs) {
    const std::string what = missing(port, vf);
    if (!what.empty()) reasons.push_back(fmt::format("{} has {}", vf.address.to_string(), what));
  }
  return fmt::format("{}", fmt::join(reasons, ", "));
}

Result<Port> wait_until_usable(const Dir& sysfs, const Port& port, const Deadline& deadline,
                               const Progress& progress) {
  const auto started = steady_clock::now();
  auto told = started;
  const auto autoprobe = TRY(sysfs.read(device_path(port.address) + "/sriov_drivers_autoprobe"));
  for (;;) {
    auto now = TRY(scan_port(sysfs, port.address));
    if (!now) return Error(Code::not_found, "the port has vanished");
    const std::string why = not_usable_yet(*now);
    if (why.empty() || autoprobe == "0") return std::move(*now);
    const auto waited =
        std::chrono::duration_cast<std::chrono::seconds>(steady_clock::now() - started);
    if (deadline.is_over()) {
      return Error(Code::timed_out, fmt::format("not usable after {} s: {}", waited.count(), why));
    }
    if (steady_clock::now() - told >= std::chrono::seconds(1)) {
      told = steady_clock::now();
      progress(fmt::format("{} {}: waiting for VFs … {} s ({})", port.address.to_string(),
                           port.driver, waited.count(), why));
    }
    std::this_thread::sleep_for(kPoll);
  }
}

Result<bool> wait_for_carrier(const Dir& sysfs, const Port& port, const Deadline& deadline,
                              const Progress& progress) {
  const auto started = steady_clock::now();
  auto tell = started;
  for (;;) {
    const auto now = TRY(scan_port(sysfs, port.address));
    if (!now) return Error(Code::not_found, "the port has vanished");
    if (now->carrier) return true;
    const auto waited = steady_clock::now() - started;
    if (deadline.is_over() || waited >= kCarrierTimeout) return false;
    if (steady_clock::now() >= tell) {
      tell += std::chrono::seconds(1);
      progress(fmt::format("{} {}: waiting for carrier … {} s", port.address.to_string(),
                           port.driver,
                           std::chrono::duration_cast<std::chrono::seconds>(waited).count()));
    }
    std::this_thread::sleep_for(kPoll);
  }
}

}  // namespace sluice
