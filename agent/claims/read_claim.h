#pragma once

#include <string>

#include "dra/claim/claim.h"
#include "pkg/base/result.h"
#include "pkg/kube/api_client.h"
#include "pkg/ledger/grant_store.h"

namespace sluice {

/// The claim that has the name of `ref` now, which another may have got since: see
/// dra::check_uid(). not_found when there is none; the errors of the API server and of
/// dra::read_claim().
Result<dra::Claim> get_claim(ApiClient& api, const dra::ClaimRef& ref, const std::string& driver);

/// The claim that a grant is of, as its name and UID say.
dra::ClaimRef ref_of(const Grant& grant);

}  // namespace sluice
