#include <algorithm>
#include <limits>

#include "cni/protocol/lane_conf.h"

namespace sluice::cni {
namespace {

Failure bad(std::string message) {
  return {ErrorCode::invalid_config, std::move(message)};
}

// `quantity_key` in our words, `mbps_key` in sriov-cni's.
Outcome<std::optional<BitRate>> read_rate(const Fields& conf, const char* quantity_key,
                                          const char* mbps_key) {
  // What linux/if_link.h's struct ifla_vf_rate can hold and drivers take: below 2³¹ Mbit/s.
  constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
  const auto rate = TRY(conf.quantity(quantity_key));
  const auto mbps = TRY(conf.integer(mbps_key, 0, kMost));
  if (rate && rate->as_mbps_ceil() > std::uint64_t{kMost}) {
    return conf.wrong(quantity_key, fmt::format("at most {} Mbit/s", kMost));
  }
  if (!mbps) return rate;
  const BitRate same = BitRate::mbps(static_cast<std::uint64_t>(*mbps));
  if (rate && *rate != same) {
    return bad(fmt::format("{} ({}) and {} ({}) differ: give one", quantity_key, to_string(*rate),
                           mbps_key, to_string(same)));
  }
  return std::optional(same);
}

Outcome<std::optional<BitRate>> read_egress(const Fields& runtime) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  const auto bandwidth = TRY(runtime.object("bandwidth"));
  if (!bandwidth) return std::optional<BitRate>();
  for (const char* const key : {"ingressBurst", "egressBurst"}) {
    TRY(bandwidth->integer(key, 0, kMost));
  }
  const auto ingress = TRY(bandwidth->integer("ingressRate", 0, kMost));
  if (ingress.value_or(0) != 0) {
    return Failure(ErrorCode::unsupported_field,
                   fmt::format("{}: only what a lane transmits can be limited, got {}",
                               bandwidth->path("ingressRate"), *ingress));
  }
  const auto egress = TRY(bandwidth->integer("egressRate", 0, kMost));
  if (egress.value_or(0) == 0) return std::optional<BitRate>();
  // VF rates are whole Mbit/s; a limit rounded down to 0 would be none.
  const BitRate exact = BitRate::bits_per_second(static_cast<std::uint64_t>(*egress));
  return std::optional(BitRate::mbps(exact.as_mbps_ceil()));
}

}  // namespace

Outcome<AskedRates> read_rates(const LaneSource& source) {
  AskedRates rates;
  rates.floor = TRY(read_rate(source.conf, "floor", "min_tx_rate"));
  rates.ceiling = TRY(read_rate(source.conf, "ceiling", "max_tx_rate"));
  if (const auto egress = TRY(read_egress(source.runtime))) {
    const bool unlimited = !rates.ceiling || rates.ceiling->is_zero();
    rates.ceiling = unlimited ? *egress : std::min(*egress, *rates.ceiling);
  }
  const BitRate ceiling = rates.ceiling.value_or(BitRate());
  if (rates.floor && !ceiling.is_zero() && *rates.floor > ceiling) {
    return bad(fmt::format("floor (min_tx_rate) {} is above ceiling (max_tx_rate) {}",
                           to_string(*rates.floor), to_string(ceiling)));
  }
  return rates;
}

}  // namespace sluice::cni
