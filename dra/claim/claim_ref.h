#pragma once

#include <string>

namespace sluice::dra {

/// Which ResourceClaim. A claim of the same name that replaced it has another UID.
struct ClaimRef {
  std::string uid;
  std::string ns;  ///< Namespace
  std::string name;

  /// "ml/train", for people.
  std::string label() const { return ns + "/" + name; }

  friend bool operator==(const ClaimRef&, const ClaimRef&) = default;
};

}  // namespace sluice::dra
