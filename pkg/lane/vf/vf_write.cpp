#include "pkg/lane/vf/vf_write.h"

#include "pkg/lane/vf/retrying.h"
#include "pkg/netlink/vf_settings.h"

namespace sluice {

Result<std::vector<Refusal>> write_vf(Links& links, int port_index, int vf,
                                      const VfSettings& settings) {
  const auto request = [&](const VfSettings& part) {
    return retrying([&] { return links.set_vf(port_index, vf, part); });
  };
  std::vector<Refusal> refusals;
  if (settings == VfSettings()) return refusals;
  Result<> all = request(settings);
  if (all) return refusals;
  const Code code = all.error().code();
  if (code == Code::not_found || code == Code::busy) return std::move(all).error();
  const std::vector<VfSettings> parts = one_by_one(settings);
  if (parts.size() == 1) {
    refusals.push_back({parts.front(), std::move(all).error()});
    return refusals;
  }
  for (const VfSettings& part : parts) {
    Result<> done = request(part);
    if (!done) refusals.push_back({part, std::move(done).error()});
  }
  return refusals;
}

}  // namespace sluice
