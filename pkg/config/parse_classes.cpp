#include <algorithm>
#include <limits>
#include <map>

#include <nlohmann/json.hpp>

#include "pkg/base/kube_names.h"
#include "pkg/base/strings.h"
#include "pkg/config/config.h"
#include "pkg/config/parse.h"

namespace sluice {
namespace {

using nlohmann::json;

// The most VFs a node could have; only to keep sums of them small.
constexpr int kMostOffers = 1'000'000;
constexpr int kMostWeight = 1000;

void read_front_end(Members& members, ClassRule& rule) {
  const std::string by = members.text("by", to_string(FrontEndName::classes));
  if (by == to_string(FrontEndName::claims)) {
    rule.by = FrontEndName::claims;
  } else if (by != to_string(FrontEndName::classes)) {
    members.reject("by", fmt::format("want \"classes\" or \"claims\", got {}", in_quotes(by)));
  }
}

void check_numbers(Members& members, const ClassRule& rule) {
  const Rate& rate = rule.rate;
  if (!rate.ceiling.is_zero() && rate.floor > rate.ceiling) {
    members.reject("floor", fmt::format("{} is above the ceiling {}", to_string(rate.floor),
                                        to_string(rate.ceiling)));
  }
  if (rule.max && rule.min > *rule.max) {
    members.reject("min", fmt::format("{} is above max {}", rule.min, *rule.max));
  }
}

ClassRule read_class(const json& value, const std::string& at, Problems& problems) {
  Members members(value, at,
                  {"name", "floor", "ceiling", "weight", "min", "max", "select", "network", "by"},
                  problems);
  ClassRule rule;
  if (!members.is_object()) return rule;
  rule.name = read_name(members);
  if (rule.name == kTokenResource) {
    members.reject("name", fmt::format("'{}' is the resource by which containers of annotated "
                                       "pods get their devices",
                                       kTokenResource));
  }
  rule.rate.floor =
      members.rate("floor", "leave it out where nothing is promised").value_or(BitRate());
  rule.rate.ceiling =
      members.rate("ceiling", "leave it out where nothing is limited").value_or(BitRate());
  rule.weight = members.number("weight", 1, kMostWeight).value_or(1);
  rule.min = members.number("min", 0, kMostOffers).value_or(0);
  rule.max = members.number("max", 0, kMostOffers);
  rule.select = read_vf_selectors(members);
  rule.network = members.filled_text("network");
  read_front_end(members, rule);
  check_numbers(members, rule);
  return rule;
}

// As containers see it: PCIDEVICE_<domain>_<class> with all but letters and digits replaced.
std::string in_environment(std::string name) {
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '-' || c == '.'; }, '_');
  return name;
}

void check_names(const std::vector<ClassRule>& classes, const std::string& at, Problems& problems) {
  std::map<std::string, std::size_t> seen;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const std::string& name = classes[i].name;
    if (name.empty()) continue;
    const auto [first, fresh] = seen.emplace(in_environment(name), i);
    if (fresh) continue;
    const std::string& other = classes[first->second].name;
    problems.add(
        fmt::format("{}/{}/name", at, i),
        other == name
            ? fmt::format("'{}' is the name of {}/{} already", name, at, first->second)
            : fmt::format("'{}' and '{}' of {}/{} would have the same environment variable", name,
                          other, at, first->second));
  }
}

}  // namespace

std::vector<ClassRule> read_classes(const json& value, const std::string& at, Problems& problems) {
  std::vector<ClassRule> classes;
  if (!value.is_array()) {
    problems.add(at, "want a list of classes");
    return classes;
  }
  if (value.size() > kMostClasses) {
    problems.add(at, fmt::format("{} classes, at most {} can be", value.size(), kMostClasses));
  }
  for (std::size_t i = 0; i < value.size(); ++i) {
    classes.push_back(read_class(value[i], fmt::format("{}/{}", at, i), problems));
  }
  const auto by_claims = std::ranges::count(classes, FrontEndName::claims, &ClassRule::by);
  if (by_claims > static_cast<std::ptrdiff_t>(kMostClassesOfClaims)) {
    problems.add(at, fmt::format("{} classes are served by claims, at most {} can be", by_claims,
                                 kMostClassesOfClaims));
  }
  check_names(classes, at, problems);
  return classes;
}

}  // namespace sluice
