#include "pkg/bandwidth/admission.h"

#include <algorithm>

namespace sluice {
namespace {

Error invalid(std::string message) {
  return Error(Code::invalid_argument, std::move(message));
}

Error unsupported(std::string message) {
  return Error(Code::unsupported, std::move(message));
}

bool is_unlimited(BitRate ceiling) {
  return ceiling.is_zero();
}

Result<> check_enforcement(const DriverCapability& capability, Rate asked) {
  const std::string_view driver = capability.driver.empty() ? "of this port" : capability.driver;
  if (capability.floor == FloorEnforcement::none && !asked.floor.is_zero()) {
    return unsupported(
        fmt::format("driver {} keeps no floors, {} asked", driver, to_string(asked.floor)));
  }
  if (capability.ceiling == CeilingEnforcement::none && !is_unlimited(asked.ceiling)) {
    return unsupported(
        fmt::format("driver {} keeps no ceilings, {} asked", driver, to_string(asked.ceiling)));
  }
  return {};
}

/// Ports that divide themselves among their lanes need the line rate for every lane; others only
/// to judge a rate that is asked for.
Result<> check_line_rate(const DriverCapability& capability, BitRate line_rate, Rate asked) {
  if (capability.ceiling == CeilingEnforcement::none) return {};
  const bool divides = capability.floor == FloorEnforcement::weight ||
                       capability.floor == FloorEnforcement::emulated;
  if (line_rate.is_zero()) {
    if (!divides && asked == Rate{}) return {};
    return Error(Code::busy, "no carrier, its line rate is unknown");
  }
  if (!capability.only_at.is_zero() && capability.only_at != line_rate) {
    return unsupported(fmt::format("driver {} limits only at {}, the port runs at {}",
                                   capability.driver, to_string(capability.only_at),
                                   to_string(line_rate)));
  }
  return {};
}

Result<> check_bounds(const DriverCapability& capability, BitRate line_rate, Rate asked) {
  const BitRate bound =
      capability.most.is_zero() ? line_rate : std::min(line_rate, capability.most);
  if (!is_unlimited(asked.ceiling) && asked.floor > asked.ceiling) {
    return invalid(fmt::format("floor {} is above ceiling {}", to_string(asked.floor),
                               to_string(asked.ceiling)));
  }
  for (const auto& [name, rate] : {std::pair("floor", asked.floor), {"ceiling", asked.ceiling}}) {
    if (rate > line_rate) {
      return invalid(fmt::format("{} {} is above the line rate {}", name, to_string(rate),
                                 to_string(line_rate)));
    }
    if (rate > bound) {
      return invalid(fmt::format("{} {} is above {}, the most driver {} takes", name,
                                 to_string(rate), to_string(bound), capability.driver));
    }
  }
  return {};
}

Result<> check_steps(const DriverCapability& capability, BitRate line_rate, Rate asked) {
  if (!is_unlimited(asked.ceiling) && asked.ceiling < capability.least) {
    return invalid(fmt::format("ceiling {} is below {}, the least driver {} takes",
                               to_string(asked.ceiling), to_string(capability.least),
                               capability.driver));
  }
  const BitRate ceiling = is_unlimited(asked.ceiling) ? line_rate : asked.ceiling;
  if (effective_promise(capability, asked.floor) > ceiling.rounded_down(capability.step)) {
    return invalid(fmt::format("driver {} has no step of {} from floor {} to {}", capability.driver,
                               to_string(capability.step), to_string(asked.floor),
                               to_string(ceiling)));
  }
  return {};
}

}  // namespace

Result<> check_carries(const PortBudget& budget) {
  if (budget.line_rate.is_zero() || budget.promised <= budget.line_rate) return {};
  return Error(Code::exhausted,
               fmt::format("port {}: {} are promised, its line rate is {}", budget.port,
                           to_string(budget.promised), to_string(budget.line_rate)));
}

Result<BitRate> admit(const PortBudget& budget, BitRate promise) {
  // A difference, not a sum: BitRate stops at zero where addition would wrap.
  const BitRate free = budget.usable - budget.promised;
  if (promise > free) {
    return Error(Code::exhausted,
                 fmt::format("port {}: {} of {} free, {} asked", budget.port, to_string(free),
                             to_string(budget.usable), to_string(promise)));
  }
  return budget.promised + promise;
}

BitRate effective_promise(const DriverCapability& capability, BitRate floor) {
  if (capability.floor == FloorEnforcement::none) return {};
  const bool needs_ceiling = capability.floor == FloorEnforcement::emulated;
  if (floor.is_zero() && !needs_ceiling) return {};
  return std::max(floor, capability.least).rounded_up(capability.step);
}

Result<> validate(const DriverCapability& capability, BitRate line_rate, Rate asked) {
  TRY(check_enforcement(capability, asked));
  TRY(check_line_rate(capability, line_rate, asked));
  if (asked == Rate{}) return {};
  TRY(check_bounds(capability, line_rate, asked));
  TRY(check_steps(capability, line_rate, asked));
  return {};
}

}  // namespace sluice
