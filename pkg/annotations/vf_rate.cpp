#include "pkg/annotations/vf_rate.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "pkg/base/quantity.h"

namespace sluice {

std::string too_much(BitRate rate) {
  return fmt::format("{} is above the {} Mbit/s that a VF's rate can be", to_string(rate),
                     kMostMbps);
}

std::optional<BitRate> read_vf_rate(Members& members, const char* key) {
  const nlohmann::json* const member = members.find(key);
  if (member == nullptr) return std::nullopt;
  if (!member->is_string()) {
    members.reject(key, "want a quantity in bit/s in quotes, like \"25G\"");
    return std::nullopt;
  }
  const Result<BitRate> rate = parse_quantity(member->get_ref<const std::string&>());
  if (!rate) {
    members.reject(key, rate.error().message());
    return std::nullopt;
  }
  if (can_be_kept(*rate)) return *rate;
  members.reject(key, too_much(*rate));
  return std::nullopt;
}

}  // namespace sluice
