#include "pkg/bandwidth/vf_rate_shaper.h"

#include <fmt/format.h>

#include <array>

#include "pkg/bandwidth/drift.h"
#include "pkg/bandwidth/rate_plan.h"

namespace sluice {

Result<> VfRateShaper::apply(int vf, Rate rate) {
  VfSettings settings;
  settings.rate = rate;
  TRY(links_.set_vf(port_index_, vf, settings).context("set rate of VF {}", vf));
  if (capability_.acknowledgement_trusted) return {};

  const VfList reported = TRY(read_back());
  const std::array written = {VfRate{.vf = vf, .rate = rate}};
  const std::vector<RateDrift> drifts = find_drift(written, reported);
  if (drifts.empty()) return {};
  return Error(Code::unsupported,
               fmt::format("driver {} acknowledged a rate that is not in force: {}",
                           capability_.driver, to_string(drifts.front())));
}

Result<> VfRateShaper::clear(int vf) {
  return apply(vf, released_rate(capability_, line_rate_));
}

Result<VfList> VfRateShaper::read_back() {
  return links_.vfs(port_index_).context("read rates of link {}", port_index_);
}

}  // namespace sluice
