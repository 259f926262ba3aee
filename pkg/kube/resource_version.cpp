#include "pkg/kube/resource_version.h"

#include <cstdint>

#include "pkg/base/strings.h"

namespace sluice {

bool is_later_version(const std::string& a, const std::string& b) {
  const Result<std::uint64_t> first = parse_int<std::uint64_t>(a);
  const Result<std::uint64_t> second = parse_int<std::uint64_t>(b);
  return !first || !second || *first > *second;
}

}  // namespace sluice
