#include "pkg/cdi/spec.h"

#include <algorithm>
#include <cctype>
#include <optional>

#include <nlohmann/json.hpp>

#include "pkg/base/kube_names.h"
#include "pkg/base/strings.h"
#include "pkg/fs/atomic_file.h"
#include "pkg/fs/dir.h"

namespace sluice {
namespace {

bool is_digit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

bool is_kind(std::string_view kind) {
  const auto parts = split(kind, '/');
  return parts.size() == 2 && std::ranges::all_of(parts, [](std::string_view part) {
           return is_name(part, "_-.") && !is_digit(part.front());
         });
}

// Versions by what they brought (specification, "Versions of the CDI specification").
const char* lowest_version(const CdiSpec& spec) {
  if (split(spec.kind, '/').back().find('.') != std::string_view::npos) return "0.6.0";
  const bool digit_first = std::ranges::any_of(
      spec.devices, [](const CdiDevice& device) { return is_digit(device.name.front()); });
  return digit_first ? "0.5.0" : "0.3.0";
}

Result<nlohmann::ordered_json> encode(const CdiDevice& device) {
  if (!is_name(device.name, "_-.:")) {
    return Error(Code::invalid_argument,
                 fmt::format("{} is no name for a CDI device", in_quotes(device.name)));
  }
  if (device.device_nodes.empty() && device.env.empty()) {
    return Error(Code::invalid_argument, fmt::format("CDI device '{}' is empty", device.name));
  }
  nlohmann::ordered_json edits;
  if (!device.env.empty()) edits["env"] = device.env;
  for (const std::string& node : device.device_nodes) {
    edits["deviceNodes"].push_back({{"path", node}, {"permissions", "rw"}});
  }
  return nlohmann::ordered_json{{"name", device.name}, {"containerEdits", std::move(edits)}};
}

Result<nlohmann::ordered_json> encode(const CdiHook& hook) {
  if (!hook.path.starts_with('/')) {
    return Error(Code::invalid_argument,
                 fmt::format("the path of CDI hook {} is not absolute", in_quotes(hook.path)));
  }
  return nlohmann::ordered_json{{"hookName", hook.name},
                                {"path", hook.path},
                                {"args", hook.args},
                                {"timeout", hook.timeout.count()}};
}

// "sluice.dev-vf", as files are named.
std::string file_stem(std::string kind) {
  std::ranges::replace(kind, '/', '-');
  return kind;
}

}  // namespace

std::string qualified_name(std::string_view kind, std::string_view device) {
  return fmt::format("{}={}", kind, device);
}

Result<std::string> encode(const CdiSpec& spec) {
  if (!is_kind(spec.kind)) {
    return Error(Code::invalid_argument,
                 fmt::format("{} is no kind of CDI devices", in_quotes(spec.kind)));
  }
  if (spec.devices.empty()) {
    return Error(Code::invalid_argument, fmt::format("CDI kind '{}' has no device", spec.kind));
  }
  nlohmann::ordered_json devices = nlohmann::ordered_json::array();
  for (const CdiDevice& device : spec.devices) devices.push_back(TRY(encode(device)));
  nlohmann::ordered_json file = {{"cdiVersion", lowest_version(spec)}, {"kind", spec.kind}};
  for (const CdiHook& hook : spec.hooks) {
    file["containerEdits"]["hooks"].push_back(TRY(encode(hook)));
  }
  file["devices"] = std::move(devices);
  return file.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

Result<> CdiDirectory::write(const CdiSpec& spec) const {
  const std::string path = fmt::format("{}/{}.json", path_, file_stem(spec.kind));
  if (spec.devices.empty()) return remove_file(path);
  return publish_file(path, TRY(encode(spec)));
}

Result<> CdiDirectory::write(const CdiSpec& spec, const std::string& part) const {
  const std::string path = TRY(path_of(spec.kind, part));
  if (spec.devices.empty()) return remove_file(path);
  return publish_file(path, TRY(encode(spec)));
}

Result<> CdiDirectory::remove(const std::string& kind, const std::string& part) const {
  return remove_file(TRY(path_of(kind, part)));
}

Result<std::vector<std::string>> CdiDirectory::parts(const std::string& kind) const {
  constexpr std::string_view kEnd = ".json";
  const std::string start = file_stem(kind) + "_";
  std::vector<std::string> found;
  const Result<Dir> dir = Dir::open(path_);
  if (!dir && dir.error().code() == Code::not_found) return found;
  if (!dir) return dir.error();
  const std::optional<std::vector<std::string>> names = TRY(dir->list("."));
  if (!names) return found;
  for (std::string_view name : *names) {
    if (!name.starts_with(start) || !name.ends_with(kEnd)) continue;
    name.remove_prefix(start.size());
    if (name.size() > kEnd.size()) found.emplace_back(name.substr(0, name.size() - kEnd.size()));
  }
  return found;
}

// It may come from the API.
Result<std::string> CdiDirectory::path_of(const std::string& kind, const std::string& part) const {
  if (is_name(part, "-_.")) return fmt::format("{}/{}_{}.json", path_, file_stem(kind), part);
  return Error(Code::invalid_argument,
               fmt::format("{} cannot be a part of a file's name", in_quotes(part)));
}

}  // namespace sluice
