#include "cni/protocol/net_conf.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "cni/protocol/fields.h"
#include "cni/protocol/known_keys.h"
#include "cni/protocol/lane_conf.h"
#include "cni/protocol/version.h"
#include "pkg/base/strings.h"
#include "pkg/json/document.h"

namespace sluice::cni {
namespace {

using nlohmann::json;

Failure bad(ErrorCode code, std::string message) {
  return {code, std::move(message)};
}

Outcome<json> parse_object(std::string_view text) {
  Problems problems;
  json conf = parse_document(text, problems);
  if (conf.is_object()) return conf;
  const bool is_parsed = !conf.is_null() || problems.empty();
  return bad(ErrorCode::undecodable,
             fmt::format("network configuration is {}",
                         is_parsed ? "not a JSON object" : problems.all().back().what));
}

Outcome<std::string> read_name(const Fields& fields) {
  std::string name = TRY(fields.text("name")).value_or("");
  if (name.empty()) return bad(ErrorCode::invalid_config, "missing network name: set 'name'");
  if (!is_identifier(name)) {
    return bad(ErrorCode::invalid_config, fmt::format("invalid network name {}", in_quotes(name)));
  }
  return name;
}

// A level of sriov-cni, so that its configurations keep their meaning.
Outcome<std::string> read_log_level(const Fields& fields) {
  std::string level = to_lower(TRY(fields.text("logLevel")).value_or("info"));
  for (const char* const known : {"panic", "error", "warning", "info", "debug"}) {
    if (level == known) return level;
  }
  return fields.wrong("logLevel", "panic, error, warning, info or debug");
}

Outcome<std::vector<AttachmentId>> read_attachments(const Fields& fields) {
  constexpr const char* kKey = "cni.dev/valid-attachments";
  constexpr const char* kLegacyKey = "cni.dev/attachments";
  const char* const key = fields.find(kKey) != nullptr ? kKey : kLegacyKey;
  if (fields.find(key) == nullptr) {
    return bad(ErrorCode::invalid_config, fmt::format("missing '{}': GC would remove all", kKey));
  }
  std::vector<AttachmentId> attachments;
  for (const Fields& each : TRY(fields.objects(key))) {
    AttachmentId id;
    id.container_id = TRY(each.text("containerID")).value_or("");
    id.ifname = TRY(each.text("ifname")).value_or("");
    if (id.container_id.empty()) return each.wrong("containerID", "a container id");
    if (id.ifname.empty()) return each.wrong("ifname", "an interface name");
    attachments.push_back(std::move(id));
  }
  return attachments;
}

Outcome<std::string> read_device_info_path(const Fields& runtime) {
  constexpr const char* kKey = "CNIDeviceInfoFile";
  std::string path = TRY(runtime.text(kKey)).value_or("");
  const auto parts = split(path, '/');
  const bool climbs = std::find(parts.begin(), parts.end(), "..") != parts.end();
  if (!path.empty() && (path.front() != '/' || path.back() == '/' || climbs)) {
    return runtime.wrong(kKey, "an absolute path without '..'");
  }
  return path;
}

// What every verb needs; lenient, so that a DEL finds its way.
Outcome<NetConf> read_common(const Fields& fields, const Fields& runtime) {
  NetConf conf;
  conf.name = TRY(read_name(fields));
  conf.ipam = TRY(read_ipam_type(fields));
  conf.log_level = read_log_level(fields).value_or("info");
  conf.log_file = fields.text("logFile").value_or(std::nullopt).value_or("");
  conf.device = runtime.text("deviceID").value_or(std::nullopt).value_or("");
  if (conf.device.empty()) {
    conf.device = fields.text("deviceID").value_or(std::nullopt).value_or("");
  }
  conf.master = fields.text("master").value_or(std::nullopt).value_or("");
  return conf;
}

Outcome<> read_addresses(const Fields& fields, const Fields& runtime, NetConf& conf) {
  if (!conf.ipam.empty()) return {};  // They are the IPAM plugin's, which gets all of our input.
  const Fields& source = runtime.find("ips") != nullptr ? runtime : fields;
  for (const std::string& text : TRY(source.texts("ips"))) {
    const Result<IpPrefix> prefix = IpPrefix::parse(text);
    if (!prefix) {
      return bad(ErrorCode::invalid_config,
                 fmt::format("{}: want addresses with a prefix length, got {}", source.path("ips"),
                             in_quotes(text)));
    }
    conf.ips.push_back(*prefix);
  }
  return {};
}

Outcome<> read_previous(const Fields& fields, NetConf& conf) {
  constexpr const char* kKey = "prevResult";
  const auto previous = TRY(fields.object(kKey));
  if (!previous) return {};
  conf.prev_result = TRY(decode_result(*previous));
  json answer = *fields.find(kKey);
  answer["cniVersion"] = conf.version;  // The runtime speaks to us in it, so this changes nothing.
  conf.prev_text = answer.dump(-1, ' ', false, json::error_handler_t::replace);
  return {};
}

// What two lanes cannot have both, or would need a call of its own for each.
Outcome<> judge_for_pod(const Fields& fields, NetConf& conf) {
  for (const char* const key : {"mac", "ips", "ipam"}) {
    if (fields.find(key) == nullptr) continue;
    return bad(ErrorCode::unsupported_field,
               fmt::format("{}: not possible for the lanes of a pod", fields.path(key)));
  }
  conf.lane.settings.mac = std::nullopt;  // The runtime's are for the interface before ours.
  conf.ips.clear();
  conf.device_info_file.clear();
  return {};
}

Outcome<> read_lane(const Fields& fields, const Fields& runtime, const Environment& environment,
                    NetConf& conf) {
  TRY(read_log_level(fields));
  conf.lane = TRY(read_lane_request({fields, runtime, environment.args}));
  conf.lane.owner = {.network = conf.name,
                     .container_id = environment.container_id,
                     .ifname = environment.ifname,
                     .netns = environment.netns,
                     .pod = environment.args.pod(),
                     .pod_uid = environment.args.pod_uid};
  TRY(read_addresses(fields, runtime, conf));
  conf.device_info_file = TRY(read_device_info_path(runtime));
  const auto dns = TRY(fields.object("dns"));
  if (dns) conf.dns = TRY(decode_dns(*dns));
  TRY(read_previous(fields, conf));
  return conf.is_for_pod() ? judge_for_pod(fields, conf) : Outcome<>();
}

Outcome<> require_what_add_needs(const NetConf& conf) {
  if (conf.is_for_pod() && !conf.prev_result) {
    return bad(ErrorCode::invalid_config,
               "missing deviceID: set 'deviceID' or 'runtimeConfig.deviceID' to a VF's PCI "
               "address, or chain sluice after another plugin");
  }
  return {};
}

}  // namespace

Outcome<std::string> read_ipam_type(const Fields& conf) {
  const auto ipam = TRY(conf.object("ipam"));
  if (!ipam || ipam->empty()) return std::string();
  std::string type = TRY(ipam->text("type")).value_or("");
  if (type.empty() || type == "." || type == ".." || type.find('/') != std::string::npos) {
    return ipam->wrong("type", "the name of a plugin");
  }
  return type;
}

std::string NetConf::hint() const {
  if (!device.empty()) return to_lower(device);
  return master.empty() ? std::string() : "link-" + master;
}

Outcome<NetConf> load_net_conf(std::string_view text, const Environment& environment) {
  const json document = TRY(parse_object(text));
  const Fields fields(document, "");
  const std::string version = TRY(fields.text("cniVersion")).value_or("0.1.0");
  TRY(check_version(version, environment.command));

  const json none = json::object();
  const auto given = TRY(fields.object("runtimeConfig"));
  const Fields runtime = given.value_or(Fields(none, "runtimeConfig"));
  NetConf conf = TRY(read_common(fields, runtime));
  conf.version = version;
  if (environment.command == Command::gc) conf.keep = TRY(read_attachments(fields));
  if (environment.command == Command::gc || environment.command == Command::del) return conf;

  TRY(refuse_misspelt_keys(document));
  TRY(read_lane(fields, runtime, environment, conf));
  if (environment.command == Command::add) TRY(require_what_add_needs(conf));
  if (environment.command == Command::check && !conf.prev_result) {
    return bad(ErrorCode::invalid_config, "missing prevResult: CHECK compares with it");
  }
  return conf;
}

std::string_view version_for_errors(std::string_view text) {
  const json document = parse_document(text);
  if (!document.is_object()) return kNewest;
  const auto asked = Fields(document, "").text("cniVersion");
  for (const std::string_view version : kVersions) {
    if (asked && asked->value_or("") == version) return version;
  }
  return kNewest;
}

}  // namespace sluice::cni
