#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dra/claim/claim_ref.h"
#include "pkg/base/bit_rate.h"
#include "pkg/base/result.h"

namespace sluice::dra {

/// What a claim is reserved for.
struct Consumer {
  std::string resource;  ///< "pods"
  std::string name;
  std::string uid;

  friend bool operator==(const Consumer&, const Consumer&) = default;
};

/// A device, or a share of one, that the scheduler gave to a request of the claim.
struct AllocatedDevice {
  std::string request;  ///< "vf0", or "vf0/large": the subrequest that was chosen.
  std::string pool;
  std::string device;
  std::string share_id;              ///< Empty: the whole device.
  std::optional<BitRate> bandwidth;  ///< consumedCapacity; nullopt: the device has none to share.
  std::optional<std::uint64_t> vfs;  ///< The same.
  bool admin_access = false;         ///< Looks at the device and has no part of it.

  friend bool operator==(const AllocatedDevice&, const AllocatedDevice&) = default;
};

/// Parameters for the driver, not looked at yet.
struct OpaqueConfig {
  enum class Source { device_class, claim };

  Source source = Source::claim;
  std::vector<std::string> requests;  ///< None: for all.
  std::string parameters;             ///< JSON object
  std::string at;                     ///< JSON pointer of the parameters in the claim.

  friend bool operator==(const OpaqueConfig&, const OpaqueConfig&) = default;
};

/// What the claim has of one driver.
struct Allocation {
  std::vector<AllocatedDevice> devices;
  std::vector<OpaqueConfig> configs;  ///< In the order of the object.

  friend bool operator==(const Allocation&, const Allocation&) = default;
};

/// A ResourceClaim as far as a driver looks at it.
struct Claim {
  ClaimRef ref;
  std::vector<Consumer> reserved_for;
  std::optional<Allocation> allocation;  ///< nullopt: not allocated.

  friend bool operator==(const Claim&, const Claim&) = default;
};

/// Reads the object that the API server answers (resource.k8s.io v1, v1beta2 or v1beta1; what is
/// read here is alike in all). Results and configurations of drivers other than `driver` are left
/// out unread. invalid_argument naming the claim and the JSON pointer of all that is wrong.
Result<Claim> read_claim(std::string_view text, std::string_view driver);

/// The pod that the claim is for. invalid_argument when it is reserved for none, for several, or
/// for something else: the kubelet says nothing of a second pod, which would start without lanes.
Result<Consumer> pod_of(const Claim& claim);

/// invalid_argument when `claim`, found under the name of `asked`, has replaced it.
Result<> check_uid(const Claim& claim, const ClaimRef& asked);

/// "vf0" of "vf0/large": what containers call the request.
std::string main_request(std::string_view request);

}  // namespace sluice::dra
