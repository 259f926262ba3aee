#pragma once

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

}  // namespace sluice
