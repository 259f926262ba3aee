#include "pkg/config/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include <nlohmann/json.hpp>

#include "pkg/base/kube_names.h"
#include "pkg/base/quantity.h"
#include "pkg/base/strings.h"
#include "pkg/config/parse.h"
#include "pkg/json/document.h"

namespace sluice {
namespace {

using nlohmann::json;

void read_domain(Members& members, Config& config) {
  const std::string domain = members.filled_text("domain");
  if (domain.empty()) return;
  config.domain = domain;
  const std::string problem = domain_problem(domain);
  if (!problem.empty()) members.reject("domain", problem);
}

void read_locked_memory(Members& members, Config& config) {
  const json* const member = members.find("lockedMemory");
  if (member == nullptr || *member == "unlimited") return;
  if (*member == "leave") {
    config.locked_memory.mode = LockedMemory::Mode::leave;
    return;
  }
  // The number alone: what it counts is ours to say.
  const Result<BitRate> number =
      parse_quantity(member->is_string() ? member->get_ref<const std::string&>() : "");
  if (number && !number->is_zero()) {
    config.locked_memory = {.mode = LockedMemory::Mode::bytes,
                            .bytes = number->as_bits_per_second()};
    return;
  }
  members.reject("lockedMemory",
                 fmt::format("want \"unlimited\", \"leave\" or a quantity of bytes above zero, "
                             "like \"16Gi\", got {}",
                             in_quotes(member->dump())));
}

void read_pods(Members& members, Config& config) {
  const json* const member = members.find("pods");
  if (member == nullptr) return;
  Members pods(*member, members.pointer("pods"), {"interfaceNames"}, members.problems());
  const std::string names = pods.text("interfaceNames", "net");
  if (names == "eth") config.pods.interface_names = PodRules::InterfaceNames::eth;
  if (names == "eth" || names == "net") return;
  pods.reject("interfaceNames", fmt::format("want \"net\" or \"eth\", got {}", in_quotes(names)));
}

void read_ports(Members& members, Config& config) {
  const json* const ports = members.find("ports");
  if (ports == nullptr) {
    members.problems().add("", "has no \"ports\"");
    return;
  }
  if (!ports->is_array()) {
    members.problems().add("/ports", "want a list of rules");
    return;
  }
  for (std::size_t i = 0; i < ports->size(); ++i) {
    config.ports.rules.push_back(
        read_port_rule((*ports)[i], fmt::format("/ports/{}", i), members.problems()));
  }
}

void check_networks_of_classes(const Config& config, Problems& problems) {
  for (std::size_t i = 0; i < config.classes.size(); ++i) {
    const std::string& wanted = config.classes[i].network;
    if (wanted.empty() ||
        std::ranges::find(config.networks, wanted, &NetworkRule::name) != config.networks.end()) {
      continue;
    }
    problems.add(fmt::format("/classes/{}/network", i),
                 fmt::format("no network has the name {}", in_quotes(wanted)));
  }
}

void check_shares_of_classes(const Config& config, Problems& problems) {
  if (config.has_share(FrontEndName::claims)) return;
  for (std::size_t i = 0; i < config.classes.size(); ++i) {
    if (config.classes[i].by != FrontEndName::claims) continue;
    problems.add(fmt::format("/classes/{}/by", i), "no rule of /ports gives claims a share");
  }
}

}  // namespace

std::vector<ClassRule> Config::classes_of(FrontEndName front_end) const {
  std::vector<ClassRule> served;
  std::ranges::copy_if(classes, std::back_inserter(served),
                       [&](const ClassRule& rule) { return rule.by == front_end; });
  return served;
}

bool Config::has_share(FrontEndName front_end) const {
  return std::ranges::any_of(ports.rules, [&](const ProvisionRule& rule) {
    return rule.shares.of(front_end).has_value();
  });
}

std::string Config::resource(std::string_view class_name) const {
  return fmt::format("{}/{}", domain, class_name);
}

std::optional<std::string> Config::class_of(std::string_view resource) const {
  const std::string prefix = this->resource("");
  if (!resource.starts_with(prefix)) return std::nullopt;
  const std::string_view name = resource.substr(prefix.size());
  return name == kTokenResource ? std::nullopt : std::optional<std::string>(name);
}

ParsedConfig parse_config(std::string_view text) {
  Problems problems;
  ParsedConfig parsed;
  const json document = parse_document(text, problems);
  if (problems.empty() || !document.is_null()) {
    Members members(document, "",
                    {"domain", "ports", "classes", "networks", "lockedMemory", "pods"}, problems);
    if (members.is_object()) {
      read_domain(members, parsed.config);
      read_ports(members, parsed.config);
      read_locked_memory(members, parsed.config);
      read_pods(members, parsed.config);
      if (const json* const classes = members.find("classes"); classes != nullptr) {
        parsed.config.classes = read_classes(*classes, "/classes", problems);
      }
      if (const json* const networks = members.find("networks"); networks != nullptr) {
        parsed.config.networks = read_networks(*networks, "/networks", problems);
      }
      check_networks_of_classes(parsed.config, problems);
      check_shares_of_classes(parsed.config, problems);
    }
  }
  parsed.problems = problems.all();
  return parsed;
}

}  // namespace sluice
