#include "pkg/config/classes.h"

#include <fmt/format.h>

#include "pkg/base/kube_names.h"
#include "pkg/base/strings.h"

namespace sluice {
namespace {

constexpr std::size_t kLongestName = 63;
// A DNS subdomain has at most 253 characters, and "requests." is put before it for quotas.
constexpr std::size_t kLongestDomain = 253 - 9;

}  // namespace

bool ClassRule::may_use(const Port& port, int vf_index) const {
  return any_matches(select, port, vf_index);
}

std::string class_name_problem(std::string_view name) {
  if (name.size() <= kLongestName && is_dns_subdomain(name)) return {};
  return fmt::format(
      "want at most {} of a-z, 0-9, \"-\" and \".\", a letter or digit at both ends "
      "and beside each \".\", got {}",
      kLongestName, in_quotes(name));
}

std::string domain_problem(std::string_view domain) {
  if (domain.size() > kLongestDomain || !is_dns_subdomain(domain)) {
    return fmt::format("want a domain like \"sluice.dev\", got {}", in_quotes(domain));
  }
  if (domain.ends_with("kubernetes.io") || domain.starts_with("requests.")) {
    return fmt::format("{} belongs to Kubernetes itself", in_quotes(domain));
  }
  return {};
}

}  // namespace sluice
