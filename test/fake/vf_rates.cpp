// Rates of a VF: which a driver takes, what it makes of them, and what a reset leaves of them.
#include <cerrno>

#include "test/fake/vf_model.h"

namespace sluice {
namespace {

BitRate speed_of(const FakeLink& port) {
  return BitRate::mbps(static_cast<std::uint64_t>(port.speed()));
}

// Speeds that i40e and bnxt_en compare rates with; to others, and to none, nothing is too much
// (i40e_main.c i40e_get_link_speed; bnxt_sriov.c, where SPEED_UNKNOWN is the largest number).
bool is_compared(int mbps) {
  return mbps >= 1'000 && mbps % 1'000 == 0 && mbps != 5'000;
}

BitRate in_steps(BitRate ceiling, BitRate step) {
  return ceiling.is_zero() ? ceiling : std::max(ceiling.rounded_down(step), step);
}

}  // namespace

int VfModel::check_speed(const Rate& wanted) const {
  const BitRate speed = speed_of(port_);
  const bool above = wanted.ceiling > speed || wanted.floor > speed;
  switch (driver_.speed_check) {
    case SpeedCheck::none: return 0;
    case SpeedCheck::link: return above ? EINVAL : 0;
    case SpeedCheck::link_if_known: return above && is_compared(port_.speed()) ? EINVAL : 0;
    case SpeedCheck::link_at_10g: return speed != BitRate::gbps(10) ? EINVAL : 0;
  }
  return 0;
}

int VfModel::check_floors(const Rate& wanted) const {
  if (!driver_.floors_fit_link) return 0;
  BitRate sum = wanted.floor;
  for (const auto& [index, other] : port_.vfs) {
    if (&other != &vf_) sum += other.info.rate->floor;
  }
  return sum > speed_of(port_) ? EINVAL : 0;
}

int VfModel::set_rate(const Rate& wanted) {
  if (!wanted.ceiling.is_zero() && wanted.ceiling < wanted.floor) return EINVAL;  // The kernel's.
  if (port_.eswitch == EswitchMode::switchdev && !driver_.switchdev_vf_rates) return EOPNOTSUPP;
  if (!driver_.floors && !wanted.floor.is_zero()) return EINVAL;
  if (driver_.needs_carrier && !port_.link.carrier) return EINVAL;
  if (const int refused = check_floors(wanted)) return refused;
  const Rate stored = vf_.info.rate.value_or(Rate());
  const bool same = driver_.equal_is_noop && wanted.ceiling == stored.ceiling;
  if (same && wanted.floor == stored.floor) return 0;
  Rate checked = wanted;
  if (same && driver_.writes_differing_alone) checked.ceiling = {};
  const bool outside = (!driver_.most.is_zero() && checked.ceiling > driver_.most) ||
                       (!checked.ceiling.is_zero() && checked.ceiling < driver_.least);
  if (outside) return EINVAL;
  if (const int refused = check_speed(checked)) return refused;
  program(wanted);
  return 0;
}

void VfModel::program(const Rate& wanted) {
  const Rate stored = vf_.info.rate.value_or(Rate());
  Rate rate = wanted;
  if (!driver_.clears_rate) {
    if (rate.floor.is_zero()) rate.floor = stored.floor;
    if (rate.ceiling.is_zero()) rate.ceiling = stored.ceiling;
  }
  vf_.info.rate = rate;
  if (!driver_.programs_rate) return;
  const Rate done{.floor = rate.floor.rounded_down(driver_.step),
                  .ceiling = in_steps(rate.ceiling, driver_.step)};
  const bool both = !driver_.writes_differing_alone;
  if (both || rate.floor != stored.floor) vf_.programmed.floor = done.floor;
  if (both || rate.ceiling != stored.ceiling) vf_.programmed.ceiling = done.ceiling;
}

int VfModel::set_leaf_rate(const Rate& wanted) {
  const BitRate most = BitRate::mbps(static_cast<std::uint64_t>(driver_.most_leaf_mbps));
  if (!most.is_zero() && (wanted.floor > most || wanted.ceiling > most)) return EINVAL;
  vf_.programmed = wanted;
  if (driver_.leaves_are_vf_rates) vf_.info.rate = wanted;
  return 0;
}

void VfModel::rate_at_speed(SpeedChange change) {
  if (change == SpeedChange::keeps) return;
  if (change == SpeedChange::zeroes) vf_.info.rate = Rate();
  if (change == SpeedChange::clamps) {
    vf_.info.rate->ceiling = std::min(vf_.info.rate->ceiling, speed_of(port_));
  }
  vf_.programmed = *vf_.info.rate;
}

void VfModel::rate_after_reset() {
  const Rate stored = vf_.info.rate.value_or(Rate());
  if (driver_.vf_reset_rate == VfResetRate::whole_steps) {
    vf_.programmed.ceiling = stored.ceiling.rounded_down(driver_.step);
  }
  if (driver_.vf_reset_rate != VfResetRate::if_it_fits) return;
  const BitRate speed = speed_of(port_);
  vf_.programmed = {.floor = stored.floor > speed ? BitRate() : stored.floor,
                    .ceiling = stored.ceiling > speed ? BitRate() : stored.ceiling};
}

}  // namespace sluice
