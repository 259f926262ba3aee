#include "agent/claims/read_claim.h"

#include <utility>

#include "dra/status/status_patch.h"
#include "pkg/base/kube_names.h"

namespace sluice {

Result<dra::Claim> get_claim(ApiClient& api, const dra::ClaimRef& ref, const std::string& driver) {
  const std::string text = TRY(api.get(dra::claim_path(ref)));
  return dra::read_claim(text, driver);
}

dra::ClaimRef ref_of(const Grant& grant) {
  NamespacedName name = split_name(grant.name);
  return {.uid = grant.uid, .ns = std::move(name.name_space), .name = std::move(name.name)};
}

}  // namespace sluice
