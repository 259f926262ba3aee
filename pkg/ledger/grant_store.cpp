#include "pkg/ledger/grant_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "pkg/ledger/list_file.h"
#include "pkg/ledger/rate_json.h"
#include "pkg/ledger/settings_json.h"

namespace sluice {
namespace {

using Json = nlohmann::json;

constexpr const char* kList = "grants";

constexpr const char* kClaim = "claim";
constexpr const char* kPod = "pod";

Json encode_vf(const GrantedVf& vf) {
  Json json = {{"vf", vf.vf}, {"port", vf.port}, {"rate", encode_rate(vf.rate)}};
  if (!vf.request.empty()) json["request"] = vf.request;
  if (!vf.device.empty()) json["device"] = vf.device;
  if (!vf.ifname.empty()) json["ifname"] = vf.ifname;
  if (vf.mtu != 0) json["mtu"] = vf.mtu;
  if (!vf.network.empty()) json["network"] = vf.network;
  if (!vf.cni.empty()) json["cni"] = vf.cni;
  if (!vf.char_devices.empty()) json["char_devices"] = vf.char_devices;
  if (Json settings = encode_settings(vf.settings); !settings.empty()) {
    json["settings"] = std::move(settings);
  }
  return json;
}

Json encode_grant(const Grant& grant) {
  Json vfs = Json::array();
  for (const GrantedVf& vf : grant.vfs) vfs.push_back(encode_vf(vf));
  Json json = {{"uid", grant.uid},
               {"kind", grant.kind == Grant::Kind::claim ? kClaim : kPod},
               {"name", grant.name},
               {"pod_uid", grant.pod_uid},
               {"vfs", std::move(vfs)}};
  if (grant.has_others) json["has_others"] = true;
  if (grant.follows_placement) json["follows_placement"] = true;
  return json;
}

std::vector<std::string> decode_names(Members& vf, const char* key) {
  std::vector<std::string> names;
  if (vf.find(key) == nullptr) return names;
  for (const Json& name : vf.array(key)) {
    if (!name.is_string()) vf.reject(key, "want strings");
    names.push_back(name.is_string() ? name.get<std::string>() : std::string());
  }
  return names;
}

GrantedVf decode_vf(Members vf) {
  constexpr int kMostMtu = 65535;
  const bool has_settings = vf.find("settings") != nullptr;
  return {.vf = vf.text("vf"),
          .port = vf.text("port"),
          .request = vf.text("request", ""),
          .device = vf.text("device", ""),
          .ifname = vf.text("ifname", ""),
          .rate = decode_rate(vf.object("rate")),
          .settings = has_settings ? decode_settings(vf.object("settings")) : VfSettings(),
          .mtu = vf.number("mtu", 0, kMostMtu).value_or(0),
          .network = vf.text("network", ""),
          .cni = vf.text("cni", ""),
          .char_devices = decode_names(vf, "char_devices")};
}

Grant::Kind decode_kind(Members& grant) {
  const std::string kind = grant.text("kind");
  if (kind != kClaim && kind != kPod) grant.reject("kind", fmt::format("unknown kind '{}'", kind));
  return kind == kPod ? Grant::Kind::pod : Grant::Kind::claim;
}

Grant decode_grant(Members from) {
  Grant grant{.uid = from.text("uid"),
              .kind = decode_kind(from),
              .name = from.text("name"),
              .pod_uid = from.text("pod_uid"),
              .has_others = from.boolean("has_others", false),
              .follows_placement = from.boolean("follows_placement", false),
              .vfs = {}};
  const Json& vfs = from.array("vfs");
  for (std::size_t i = 0; i < vfs.size(); ++i) {
    grant.vfs.push_back(
        decode_vf(Members(vfs[i], fmt::format("{}/vfs/{}", from.at(), i), from.problems())));
  }
  return grant;
}

// What is there twice; empty: nothing.
std::string doubled(const std::vector<Grant>& grants) {
  std::set<std::string_view> uids;
  std::set<std::string_view> vfs;
  for (const Grant& grant : grants) {
    if (!uids.insert(grant.uid).second) return fmt::format("two grants for UID '{}'", grant.uid);
    for (const GrantedVf& vf : grant.vfs) {
      if (!vfs.insert(vf.vf).second) return fmt::format("VF {} is granted twice", vf.vf);
    }
  }
  return {};
}

}  // namespace

FoundGrant grant_of(const std::vector<Grant>& grants, std::string_view vf) {
  for (const Grant& grant : grants) {
    for (const GrantedVf& granted : grant.vfs) {
      if (granted.vf == vf) return {&grant, &granted};
    }
  }
  return {};
}

std::string encode_grants(const std::vector<Grant>& grants) {
  Json list = Json::array();
  for (const Grant& grant : grants) list.push_back(encode_grant(grant));
  return encode_list(kList, std::move(list));
}

Result<std::vector<Grant>> decode_grants(std::string_view text) {
  std::vector<Grant> grants;
  TRY(decode_list(text, kList,
                  [&](Members grant) { grants.push_back(decode_grant(std::move(grant))); }));
  if (std::string twice = doubled(grants); !twice.empty()) {
    return Error(Code::data_loss, std::move(twice));
  }
  return grants;
}

Result<std::vector<Grant>> GrantStore::of(Grant::Kind kind) const {
  std::vector<Grant> grants = TRY(peek());
  std::erase_if(grants, [kind](const Grant& grant) { return grant.kind != kind; });
  return grants;
}

Result<std::optional<Grant>> GrantStore::find(Grant::Kind kind, const std::string& uid) const {
  std::vector<Grant> grants = TRY(of(kind));
  const auto found = std::find_if(grants.begin(), grants.end(),
                                  [&](const Grant& grant) { return grant.uid == uid; });
  return found == grants.end() ? std::optional<Grant>() : std::optional(std::move(*found));
}

Result<> GrantStore::restore(const std::string& uid, const std::optional<Grant>& before) const {
  return change([&](std::vector<Grant>& grants) -> Result<bool> {
    const auto now = std::find_if(grants.begin(), grants.end(),
                                  [&](const Grant& grant) { return grant.uid == uid; });
    if (now == grants.end() || (before && *now == *before)) return false;
    if (before) {
      *now = *before;
    } else {
      grants.erase(now);
    }
    return true;
  });
}

Result<> GrantStore::save(const std::vector<Grant>& grants) const {
  if (const std::string twice = doubled(grants); !twice.empty()) {
    return Error(Code::invalid_argument, fmt::format("save grants: {}", twice));
  }
  return file_.save(encode_grants(grants));
}

}  // namespace sluice
