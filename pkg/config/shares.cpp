#include "pkg/config/shares.h"

#include <algorithm>

namespace sluice {
namespace {

constexpr std::size_t kUnowned = kFrontEndNames.size();

using Owners = std::vector<std::size_t>;  // By position in the list of VFs: whose it is.

void take_named(const ShareRules& rules, const std::vector<int>& vfs, Owners& owners) {
  for (std::size_t share = 0; share < kFrontEndNames.size(); ++share) {
    const auto& rule = rules.rules[share];
    if (!rule || !rule->vf_indices) continue;
    for (std::size_t i = 0; i < vfs.size(); ++i) {
      if (owners[i] == kUnowned && rule->vf_indices->contains(vfs[i])) owners[i] = share;
    }
  }
}

void take_free(std::size_t share, std::size_t count, Owners& owners) {
  for (std::size_t& owner : owners) {
    if (owner != kUnowned) continue;
    if (count == 0) return;
    owner = share;
    --count;
  }
}

Owners divide_vfs(const ShareRules& rules, const std::vector<int>& vfs) {
  Owners owners(vfs.size(), kUnowned);
  take_named(rules, vfs, owners);
  for (std::size_t share = 0; share < kFrontEndNames.size(); ++share) {
    const auto& rule = rules.rules[share];
    if (rule && rule->vf_count) {
      take_free(share, static_cast<std::size_t>(*rule->vf_count), owners);
    }
  }
  for (std::size_t share = 0; share < kFrontEndNames.size(); ++share) {
    const auto& rule = rules.rules[share];
    if (rule && !rule->vf_count && !rule->vf_indices) take_free(share, vfs.size(), owners);
  }
  return owners;
}

void divide_bandwidth(const ShareRules& rules, BitRate usable, Shares& shares) {
  BitRate left = usable;
  const auto give = [&left](Share& share, BitRate wanted) {
    share.bandwidth = std::min(wanted, left);
    left = left - share.bandwidth;
  };
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const auto& rule = rules.rules[i];
    if (!rule) continue;
    if (rule->bandwidth) give(shares[i], *rule->bandwidth);
    if (rule->percent) give(shares[i], percent_of(usable, *rule->percent));
  }
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const auto& rule = rules.rules[i];
    if (rule && !rule->bandwidth && !rule->percent) give(shares[i], left);
  }
}

}  // namespace

std::string_view to_string(FrontEndName front_end) {
  switch (front_end) {
    case FrontEndName::classes: return "classes";
    case FrontEndName::claims: return "claims";
    case FrontEndName::pods: return "pods";
  }
  return "?";
}

UsablePart usable_part(const ShareRules& rules) {
  UsablePart part{.fixed = {}, .percent = 0};
  bool is_shared = false;
  for (const std::optional<ShareRule>& rule : rules.rules) {
    if (!rule) continue;
    if (!rule->bandwidth && !rule->percent) return {};  // All that the others leave.
    is_shared = true;
    part.fixed += rule->bandwidth.value_or(BitRate());
    part.percent += rule->percent.value_or(0);
  }
  return is_shared ? part : UsablePart();
}

Shares divide_port(const ShareRules& rules, BitRate usable, const std::vector<int>& vfs) {
  Shares shares;
  divide_bandwidth(rules, usable, shares);
  const Owners owners = divide_vfs(rules, vfs);
  for (std::size_t i = 0; i < vfs.size(); ++i) {
    if (owners[i] != kUnowned) shares[owners[i]].vfs.push_back(vfs[i]);
  }
  return shares;
}

}  // namespace sluice
