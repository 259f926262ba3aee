#pragma once

#include <string>
#include <string_view>

namespace sluice {

/// The rules for names of Kubernetes (k8s.io/apimachinery/pkg/util/validation) and CDI. ASCII.

/// A letter or digit at both ends; between them also characters of `between`: "-_.".
bool is_name(std::string_view text, std::string_view between);

/// The name of a namespace: at most 63 of a-z, 0-9 and '-', none of these at an end.
bool is_dns_label(std::string_view text);

/// The name of most objects, and a domain: parts like labels, of any length, joined by '.'; at most
/// 253 characters.
bool is_dns_subdomain(std::string_view text);

/// The extended resource by which containers of annotated pods get the devices of the pod's lanes,
/// after the domain: "sluice.dev/rdma". No class has the name.
inline constexpr std::string_view kTokenResource = "rdma";

/// An object in a namespace, as lanes, grants and logs name it: "namespace/name".
struct NamespacedName {
  std::string name_space;
  std::string name;

  friend bool operator==(const NamespacedName&, const NamespacedName&) = default;
};

/// The parts before and after the first '/'; without one `text` is the namespace, and the name is
/// empty. Checks neither.
NamespacedName split_name(std::string_view text);

}  // namespace sluice
