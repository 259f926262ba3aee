#include "pkg/ledger/grant_store.h"

#include <fmt/format.h>

#include <set>

#include <nlohmann/json.hpp>

#include "pkg/ledger/json_fields.h"
#include "pkg/ledger/settings_json.h"

namespace sluice {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kVersion = 1;

constexpr const char* kClaim = "claim";
constexpr const char* kPod = "pod";

Json encode_vf(const GrantedVf& vf) {
  Json json = {{"vf", vf.vf}, {"port", vf.port}, {"rate", encode_rate(vf.rate)}};
  if (!vf.request.empty()) json["request"] = vf.request;
  if (!vf.ifname.empty()) json["ifname"] = vf.ifname;
  if (vf.mtu != 0) json["mtu"] = vf.mtu;
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
  return json;
}

VfSettings decode_settings_of(JsonFields& vf) {
  if (!vf.has("settings")) return {};
  JsonFields fields(vf.any("settings"), vf.pointer("settings"));
  VfSettings settings = decode_settings(fields);
  vf.adopt(fields.status());
  return settings;
}

std::vector<std::string> decode_names(JsonFields& vf, const char* key) {
  std::vector<std::string> names;
  if (!vf.has(key)) return names;
  for (const Json& name : vf.array(key)) {
    if (!name.is_string()) vf.reject(key, "want strings");
    names.push_back(name.is_string() ? name.get<std::string>() : std::string());
  }
  return names;
}

Result<GrantedVf> decode_vf(const Json& json, const std::string& at) {
  JsonFields fields(json, at);
  constexpr std::uint64_t kMostMtu = 65535;
  const std::uint64_t mtu = fields.has("mtu") ? fields.number("mtu") : 0;
  if (mtu > kMostMtu) fields.reject("mtu", "want an MTU up to 65535");
  GrantedVf vf{.vf = fields.text("vf"),
               .port = fields.text("port"),
               .request = fields.has("request") ? fields.text("request") : "",
               .ifname = fields.has("ifname") ? fields.text("ifname") : "",
               .rate = fields.rate("rate"),
               .settings = decode_settings_of(fields),
               .mtu = static_cast<int>(mtu),
               .char_devices = decode_names(fields, "char_devices")};
  TRY(fields.status());
  return vf;
}

Result<Grant> decode_grant(const Json& json, const std::string& at) {
  JsonFields fields(json, at);
  Grant grant{.uid = fields.text("uid"),
              .name = fields.text("name"),
              .pod_uid = fields.text("pod_uid"),
              .has_others = fields.has("has_others") && fields.boolean("has_others"),
              .vfs = {}};
  const std::string kind = fields.text("kind");
  if (kind != kClaim && kind != kPod) fields.reject("kind", fmt::format("unknown kind '{}'", kind));
  grant.kind = kind == kPod ? Grant::Kind::pod : Grant::Kind::claim;
  const Json& vfs = fields.array("vfs");
  TRY(fields.status());
  for (std::size_t i = 0; i < vfs.size(); ++i) {
    grant.vfs.push_back(TRY(decode_vf(vfs[i], fmt::format("{}/vfs/{}", at, i))));
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
  const Json file = {{"version", kVersion}, {"grants", std::move(list)}};
  return file.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<std::vector<Grant>> decode_grants(std::string_view text) {
  const Json json = TRY(parse_json(text));
  JsonFields fields(json, "");
  if (fields.number("version") != kVersion) fields.reject("version", "want 1");
  const Json& list = fields.array("grants");
  TRY(fields.status());
  std::vector<Grant> grants;
  for (std::size_t i = 0; i < list.size(); ++i) {
    grants.push_back(TRY(decode_grant(list[i], fmt::format("/grants/{}", i))));
  }
  if (std::string twice = doubled(grants); !twice.empty()) {
    return Error(Code::data_loss, std::move(twice));
  }
  return grants;
}

Result<> GrantStore::save(const std::vector<Grant>& grants) const {
  if (const std::string twice = doubled(grants); !twice.empty()) {
    return Error(Code::invalid_argument, fmt::format("save grants: {}", twice));
  }
  return file_.save(encode_grants(grants));
}

}  // namespace sluice
