#include "agent/claims/claim_metrics.h"

#include "pkg/metrics/gauge_values.h"

namespace sluice {

void show_claims(Metrics& metrics, std::span<const dra::ClaimPort> ports,
                 std::span<const Grant> grants) {
  Counts<1> vfs;
  for (const dra::ClaimPort& port : ports) vfs[{port.share.name}] = 0;
  int claims = 0;
  for (const Grant& grant : grants) {
    if (grant.kind != Grant::Kind::claim) continue;
    ++claims;
    for (const GrantedVf& vf : grant.vfs) ++vfs[{vf.port}];
  }
  metrics.set(metric::kClaims, {}, claims);
  metrics.replace(metric::kClaimVfs, gauge_values(vfs));
}

}  // namespace sluice
