#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/base/rate.h"
#include "pkg/config/selector.h"
#include "pkg/config/shares.h"

namespace sluice {

/// A class as configured: what a lane of it is promised, and how many of them a node offers.
struct ClassRule {
  std::string name;  ///< Good in a resource name and as the name of a DeviceClass.
  Rate rate;
  int weight = 1;          ///< VFs offered, in proportion to other classes' weights.
  int min = 0;             ///< Offers on a node that come before all weights.
  std::optional<int> max;  ///< Never more offers on a node; nullopt: no bound.
  std::vector<VfSelector> select = {VfSelector()};  ///< One that matches is enough.
  std::string network;  ///< Which its lanes are in; empty: the first that selects the VF.
  /// Who serves it: classes, or claims as VF devices. Never both, for on a node a resource of the
  /// kubelet hides one of the scheduler's.
  FrontEndName by = FrontEndName::classes;

  bool may_use(const Port& port, int vf_index) const;

  friend bool operator==(const ClassRule&, const ClassRule&) = default;
};

/// Why `name` cannot name a class; empty when it can. Both an extended resource's name (a qualified
/// name of at most 63 characters, k8s.io/apimachinery/pkg/util/validation) and a DeviceClass's (a
/// DNS subdomain: lower case) are made of it.
std::string class_name_problem(std::string_view name);

/// Why `domain` cannot come before the "/" of an extended resource; empty when it can
/// (IsExtendedResourceName of k8s.io/kubernetes/pkg/apis/core/v1/helper).
std::string domain_problem(std::string_view domain);

}  // namespace sluice
