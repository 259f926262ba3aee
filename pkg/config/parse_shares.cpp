#include <nlohmann/json.hpp>

#include "pkg/base/strings.h"
#include "pkg/config/parse.h"

namespace sluice {
namespace {

using nlohmann::json;

constexpr int kMostVfs = 65535;  // sriov_numvfs is a u16 (drivers/pci/iov.c).
constexpr int kAll = 100;        // percent

void read_vfs(Members& members, ShareRule& share) {
  const json* const member = members.find("vfs");
  if (member == nullptr) return;
  if (member->is_string()) {
    share.vf_indices = read_indices(members, "vfs").value_or(IndexSet());
  } else {
    share.vf_count = members.number("vfs", 0, kMostVfs).value_or(0);
  }
}

void read_percent(Members& members, std::string_view text, ShareRule& share) {
  const auto percent = parse_int<int>(text);
  share.percent = percent.value_or(0);
  if (percent && *percent >= 0 && *percent <= kAll) return;
  members.reject("bandwidth",
                 fmt::format("want a whole number of percent from 0% to 100%, got '{}%'", text));
}

void read_bandwidth(Members& members, ShareRule& share) {
  const json* const member = members.find("bandwidth");
  if (member == nullptr) return;
  if (member->is_string() && member->get_ref<const std::string&>().ends_with('%')) {
    const std::string text = *member;
    read_percent(members, std::string_view(text).substr(0, text.size() - 1), share);
    return;
  }
  share.bandwidth = members.rate("bandwidth", "write \"0%\" for none").value_or(BitRate());
}

std::optional<ShareRule> read_share(const json& value, const std::string& at, Problems& problems) {
  Members members(value, at, {"vfs", "bandwidth"}, problems);
  if (!members.is_object()) return std::nullopt;
  ShareRule share;
  read_vfs(members, share);
  read_bandwidth(members, share);
  return share;
}

// What is left over can be given only once.
void check_rests(const ShareRules& shares, const std::string& at, Problems& problems) {
  int vfs = 0;
  int bandwidth = 0;
  for (const auto& share : shares.rules) {
    if (!share) continue;
    vfs += !share->vf_count && !share->vf_indices ? 1 : 0;
    bandwidth += !share->bandwidth && !share->percent ? 1 : 0;
  }
  constexpr auto kSaid = "only one share can leave out \"{}\", which means all that is left";
  if (vfs > 1) problems.add(at, fmt::format(kSaid, "vfs"));
  if (bandwidth > 1) problems.add(at, fmt::format(kSaid, "bandwidth"));
}

void check_percents(const ShareRules& shares, const std::string& at, Problems& problems) {
  int sum = 0;
  for (const auto& share : shares.rules) sum += share ? share->percent.value_or(0) : 0;
  if (sum > kAll) problems.add(at, fmt::format("the shares take {}% of the bandwidth", sum));
}

void check_count(const ShareRules& shares, const std::string& at, const VfCount& vfs,
                 Problems& problems) {
  if (vfs.kind != VfCount::Kind::exactly) return;
  int sum = 0;
  int last = -1;
  for (const auto& share : shares.rules) {
    if (!share) continue;
    sum += share->vf_count.value_or(0) + (share->vf_indices ? share->vf_indices->size() : 0);
    if (share->vf_indices) last = std::max(last, share->vf_indices->last());
  }
  if (last >= vfs.number) {
    problems.add(
        at, fmt::format("VF {} is asked for, the ports have {} VFs, from 0", last, vfs.number));
  } else if (sum > vfs.number) {
    problems.add(at, fmt::format("the shares take {} VFs, the ports have {}", sum, vfs.number));
  }
}

void check_overlaps(const ShareRules& shares, const std::string& at, Problems& problems) {
  for (const FrontEndName one : kFrontEndNames) {
    for (const FrontEndName other : kFrontEndNames) {
      const auto& mine = shares.of(one);
      const auto& theirs = shares.of(other);
      if (one >= other || !mine || !theirs || !mine->vf_indices || !theirs->vf_indices) continue;
      const auto common = mine->vf_indices->common(*theirs->vf_indices);
      if (!common) continue;
      problems.add(fmt::format("{}/{}/vfs", at, to_string(other)),
                   fmt::format("VF {} is in the share of {} too", *common, to_string(one)));
    }
  }
}

}  // namespace

ShareRules read_shares(const json& value, const std::string& at, const VfCount& vfs,
                       Problems& problems) {
  Members members(value, at, {"classes", "claims", "pods"}, problems);
  ShareRules shares;
  if (!members.is_object()) return shares;
  for (const FrontEndName front_end : kFrontEndNames) {
    const std::string key(to_string(front_end));
    const json* const share = members.find(key.c_str());
    shares.of(front_end) = share == nullptr
                               ? std::nullopt
                               : read_share(*share, members.pointer(key.c_str()), problems);
  }
  check_rests(shares, at, problems);
  check_percents(shares, at, problems);
  check_count(shares, at, vfs, problems);
  check_overlaps(shares, at, problems);
  return shares;
}

}  // namespace sluice
