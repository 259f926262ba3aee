#include "dra/claim/lanes_of.h"

#include <algorithm>
#include <map>
#include <utility>

#include "pkg/annotations/vf_rate.h"
#include "pkg/base/kube_names.h"
#include "pkg/base/strings.h"
#include "pkg/json/problems_error.h"

namespace sluice::dra {
namespace {

/// Something is wrong with what `request` got.
Error refuse(const std::string& request, const std::string& why) {
  return {Code::invalid_argument, fmt::format("request '{}': {}", request, why)};
}

struct ReadConfig {
  const OpaqueConfig* from;
  LaneConfig config;
};

// Whether the scheduler lists those of classes first is not for us to rely on.
std::vector<ReadConfig> read_configs(const Allocation& allocation, Problems& problems) {
  std::vector<ReadConfig> configs;
  for (const OpaqueConfig& opaque : allocation.configs) {
    configs.push_back({&opaque, read_lane_config(opaque.parameters, opaque.at, problems)});
  }
  std::stable_partition(configs.begin(), configs.end(), [](const ReadConfig& read) {
    return read.from->source == OpaqueConfig::Source::device_class;
  });
  return configs;
}

bool applies(const OpaqueConfig& config, const std::string& request) {
  return config.requests.empty() ||
         std::ranges::any_of(config.requests, [&](const std::string& named) {
           return named == request || named == main_request(request);
         });
}

// Another object of the API than ours could have a result of ours; the node knows its own devices.
Result<> check_device(const AllocatedDevice& device) {
  if (device.pool.empty() || !is_dns_label(device.device)) {
    return refuse(device.request, fmt::format("{} of pool {} is no device of ours",
                                              in_quotes(device.device), in_quotes(device.pool)));
  }
  if (device.vfs.value_or(1) != 1) {
    return refuse(device.request, fmt::format("a share of '{}' with {} VFs; each has one",
                                              device.device, *device.vfs));
  }
  if (device.bandwidth && !can_be_kept(*device.bandwidth)) {
    return refuse(device.request, too_much(*device.bandwidth));
  }
  return {};
}

Result<> check_rate(const ClaimedLane& lane) {
  const BitRate ceiling = lane.config.ceiling.value_or(BitRate());
  if (!lane.floor || ceiling.is_zero() || *lane.floor <= ceiling) return {};
  return refuse(lane.request, fmt::format("a ceiling of {} is below the {} of '{}' allocated to it",
                                          to_string(ceiling), to_string(*lane.floor), lane.device));
}

ClaimedLane lane_of(const AllocatedDevice& device, const std::vector<ReadConfig>& configs) {
  ClaimedLane lane{.request = device.request,
                   .pool = device.pool,
                   .device = device.device,
                   .share_id = device.share_id,
                   .floor = device.bandwidth,
                   .config = {}};
  for (const ReadConfig& read : configs) {
    if (applies(*read.from, device.request)) merge(lane.config, read.config);
  }
  return lane;
}

/// What no two lanes of a claim may share.
Result<> check_together(const std::vector<ClaimedLane>& lanes) {
  std::map<std::string, std::string> taken;  // What -> request
  const auto take = [&](const ClaimedLane& lane, std::string what) -> Result<> {
    const auto [other, fresh] = taken.try_emplace(std::move(what), lane.request);
    if (fresh) return {};
    return refuse(lane.request, fmt::format("has {}, and so has a lane of request '{}'",
                                            other->first, other->second));
  };
  for (const ClaimedLane& lane : lanes) {
    const LaneConfig& config = lane.config;
    TRY(take(lane, fmt::format("device '{}' of pool '{}' (share '{}')", lane.device, lane.pool,
                               lane.share_id)));
    if (config.interface) TRY(take(lane, fmt::format("interface '{}'", *config.interface)));
    if (config.mac) TRY(take(lane, fmt::format("MAC {}", config.mac->to_string())));
  }
  return {};
}

Result<std::vector<ClaimedLane>> lanes_of(const Allocation& allocation) {
  Problems problems;
  const std::vector<ReadConfig> configs = read_configs(allocation, problems);
  if (!problems.empty()) return problems_error("configuration", problems);
  std::vector<ClaimedLane> lanes;
  for (const AllocatedDevice& device : allocation.devices) {
    if (device.admin_access) continue;
    TRY(check_device(device));
    const ClaimedLane& lane = lanes.emplace_back(lane_of(device, configs));
    TRY(check_rate(lane));
    TRY(check_driver(lane.config).context("request '{}'", lane.request));
  }
  TRY(check_together(lanes));
  return lanes;
}

}  // namespace

Result<std::vector<ClaimedLane>> lanes_of(const Claim& claim) {
  if (!claim.allocation) {
    return Error(Code::invalid_argument,
                 fmt::format("claim '{}' is not allocated", claim.ref.label()));
  }
  return lanes_of(*claim.allocation).context("claim '{}'", claim.ref.label());
}

}  // namespace sluice::dra
