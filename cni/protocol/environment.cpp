#include "cni/protocol/environment.h"

#include <algorithm>
#include <array>
#include <utility>

#include "pkg/base/link_name.h"
#include "pkg/base/strings.h"

namespace sluice::cni {
namespace {

struct Verb {
  std::string_view name;
  Command command;
  bool needs_attachment;  // CNI_CONTAINERID and CNI_IFNAME
  bool needs_netns;
};

constexpr std::array kVerbs = {
    Verb{"ADD", Command::add, true, true},         Verb{"DEL", Command::del, true, false},
    Verb{"CHECK", Command::check, true, true},     Verb{"GC", Command::gc, false, false},
    Verb{"STATUS", Command::status, false, false}, Verb{"VERSION", Command::version, false, false},
};

Failure wrong(std::string message) {
  return {ErrorCode::invalid_environment, std::move(message)};
}

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

Outcome<Verb> find_verb(const Variables& variables) {
  const std::string name = variables("CNI_COMMAND").value_or("");
  if (name.empty()) return wrong("required env variables [CNI_COMMAND] missing");
  for (const Verb& verb : kVerbs) {
    if (verb.name == name) return verb;
  }
  return wrong(fmt::format("unknown CNI_COMMAND {}", in_quotes(name)));
}

Outcome<> require(const Verb& verb, const Environment& environment) {
  std::string missing;
  const auto need = [&](bool needed, const std::string& value, const char* name) {
    if (!needed || !value.empty()) return;
    missing += (missing.empty() ? "" : ",") + std::string(name);
  };
  need(verb.needs_attachment, environment.container_id, "CNI_CONTAINERID");
  need(verb.needs_netns, environment.netns, "CNI_NETNS");
  need(verb.needs_attachment, environment.ifname, "CNI_IFNAME");
  if (!missing.empty()) return wrong("required env variables [" + missing + "] missing");
  if (!verb.needs_attachment) return {};

  if (!is_identifier(environment.container_id)) {
    return wrong(fmt::format("invalid CNI_CONTAINERID {}", in_quotes(environment.container_id)));
  }
  if (!is_link_name(environment.ifname)) {
    return wrong(fmt::format("invalid CNI_IFNAME {}: want 1 to 15 bytes without '/', ':' or blanks",
                             in_quotes(environment.ifname)));
  }
  return {};
}

bool is_true(std::string_view text) {
  return text == "1" || to_lower(text) == "true";
}

using Pairs = std::vector<std::pair<std::string_view, std::string_view>>;

Outcome<Pairs> split_pairs(std::string_view text) {
  Pairs pairs;
  for (const std::string_view pair : split(text, ';')) {
    if (pair.empty()) continue;  // "A=1;" is common.
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      return wrong(fmt::format("CNI_ARGS: want KEY=VALUE, got {}", in_quotes(pair)));
    }
    pairs.emplace_back(pair.substr(0, equals), pair.substr(equals + 1));
  }
  return pairs;
}

// Known and of no use to us; IP and GATEWAY are the IPAM plugin's.
constexpr std::array<std::string_view, 4> kPassedBy = {
    "IgnoreUnknown", "K8S_POD_INFRA_CONTAINER_ID", "IP", "GATEWAY"};

}  // namespace

std::string_view to_string(Command command) {
  return std::find_if(kVerbs.begin(), kVerbs.end(),
                      [&](const Verb& verb) { return verb.command == command; })
      ->name;
}

std::string Args::pod() const {
  return pod_name.empty() ? std::string() : pod_namespace + "/" + pod_name;
}

bool is_identifier(std::string_view text) {
  return !text.empty() && is_alphanumeric(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_alphanumeric(c) || c == '_' || c == '.' || c == '-'; });
}

Outcome<Args> parse_args(std::string_view text) {
  const Pairs pairs = TRY(split_pairs(text));
  const bool ignore_unknown = std::any_of(pairs.begin(), pairs.end(), [](const auto& pair) {
    return pair.first == "IgnoreUnknown" && is_true(pair.second);
  });
  Args args;
  for (const auto& [key, value] : pairs) {
    if (key == "MAC") {
      Result<MacAddress> mac = MacAddress::parse(value);
      if (!mac) return wrong("CNI_ARGS MAC: " + mac.error().message());
      args.mac = *mac;
    } else if (key == "K8S_POD_NAME") {
      args.pod_name = value;
    } else if (key == "K8S_POD_NAMESPACE") {
      args.pod_namespace = value;
    } else if (key == "K8S_POD_UID") {
      args.pod_uid = value;
    } else if (!ignore_unknown &&
               std::find(kPassedBy.begin(), kPassedBy.end(), key) == kPassedBy.end()) {
      return wrong(fmt::format("CNI_ARGS: unknown key {}", in_quotes(key)));
    }
  }
  return args;
}

Outcome<Environment> parse_environment(const Variables& variables) {
  const Verb verb = TRY(find_verb(variables));
  Environment environment{.command = verb.command};
  if (verb.command == Command::version) return environment;
  environment.container_id = variables("CNI_CONTAINERID").value_or("");
  environment.netns = variables("CNI_NETNS").value_or("");
  environment.ifname = variables("CNI_IFNAME").value_or("");
  TRY(require(verb, environment));

  const std::string path = variables("CNI_PATH").value_or("");
  for (const std::string_view directory : split(path, ':')) {
    if (!directory.empty()) environment.path.emplace_back(directory);
  }
  environment.may_be_own_netns = is_true(variables("CNI_NETNS_OVERRIDE").value_or(""));
  if (verb.command == Command::add) {
    environment.args = TRY(parse_args(variables("CNI_ARGS").value_or("")));
  }
  return environment;
}

}  // namespace sluice::cni
