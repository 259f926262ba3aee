#include "pkg/annotations/lanes_annotation.h"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include <nlohmann/json.hpp>

#include "pkg/annotations/vf_rate.h"
#include "pkg/base/kube_names.h"
#include "pkg/base/strings.h"
#include "pkg/json/document.h"
#include "pkg/json/members.h"

namespace sluice {
namespace {

using nlohmann::json;

// Links have 15 characters at most (linux/if.h IFNAMSIZ); a pattern has sets beside them.
constexpr std::size_t kLongestPattern = 64;

std::string read_link(Members& lane) {
  std::string link = lane.filled_text("link");
  if (link.size() > kLongestPattern) {
    lane.reject("link",
                fmt::format("has {} characters, {} are allowed", link.size(), kLongestPattern));
  }
  return link;
}

std::optional<Medium> read_medium(Members& lane) {
  if (lane.find("linkType") == nullptr) return std::nullopt;
  const std::string type = lane.text("linkType");
  const std::optional<Medium> medium = parse_medium(type);
  if (!medium) {
    lane.reject("linkType",
                fmt::format("want \"ethernet\" or \"infiniband\", got {}", in_quotes(type)));
  }
  return medium;
}

Rate read_rate(Members& lane, const LaneConfig& settings) {
  const Rate rate{.floor = read_vf_rate(lane, "floor").value_or(BitRate()),
                  .ceiling = settings.ceiling.value_or(BitRate())};
  if (!rate.ceiling.is_zero() && rate.floor > rate.ceiling) {
    lane.reject("floor", fmt::format("{} is above the ceiling of {}", to_string(rate.floor),
                                     to_string(rate.ceiling)));
  }
  return rate;
}

/// Reads the annotation from front to end; groups come last and speak of lanes by name.
class Reader {
 public:
  explicit Reader(Problems& problems) : problems_(problems) {}

  void lanes(const json& list, const std::string& at) {
    for (std::size_t i = 0; i < list.size(); ++i) {
      add_lane({list[i], fmt::format("{}/{}", at, i), annotated_lane_members(), problems_});
      if (pod_.ask.lanes.size() <= kMostLanes) continue;
      problems_.add(at, fmt::format("more than {} lanes", kMostLanes));
      return;
    }
  }

  std::vector<LaneGroup> groups(Members& members, const char* key) {
    std::vector<LaneGroup> read;
    if (members.find(key) == nullptr) return read;
    const json& list = members.array(key);
    if (list.size() > kMostLanes) {
      members.reject(key, fmt::format("{} groups, {} are the most", list.size(), kMostLanes));
      return read;
    }
    for (std::size_t i = 0; i < list.size(); ++i) {
      read.push_back(group(list[i], fmt::format("{}/{}", members.pointer(key), i)));
    }
    return read;
  }

  AnnotatedPod take() { return std::move(pod_); }

  std::vector<LaneGroup>& same_port() { return pod_.ask.same_port; }

  std::vector<LaneGroup>& different_ports() { return pod_.ask.different_ports; }

 private:
  void add_lane(Members lane) {
    const std::string name = read_name(lane);
    const int count = lane.number("count", 1, kMostLanes).value_or(1);
    LaneConfig settings = read_lane_settings(lane);
    const LaneAsk ask{.rate = read_rate(lane, settings),
                      .numa_node = lane.number("numaNode", 0, std::numeric_limits<int>::max()),
                      .link = read_link(lane),
                      .medium = read_medium(lane),
                      .network = settings.network.value_or(""),
                      .vfio = settings.driver == LaneDriver::vfio};
    settings.ceiling.reset();
    if (const Result<> fits = check_driver(settings); !fits) {
      lane.reject("driver", fits.error().message());
    }
    check_unique(lane, settings, count);
    for (int i = 0; i < count; ++i) add(ask, settings, name);
  }

  std::string read_name(Members& lane) {
    if (lane.find("name") == nullptr) return {};
    std::string name = lane.text("name");
    if (!is_dns_label(name)) {
      lane.reject("name",
                  fmt::format("want at most 63 of a-z, 0-9 and '-', got {}", in_quotes(name)));
    } else if (!by_name_.try_emplace(name).second) {
      lane.reject("name", fmt::format("an earlier lane is {}, too", in_quotes(name)));
    }
    return name;
  }

  void add(const LaneAsk& ask, const LaneConfig& settings, const std::string& name) {
    const std::size_t number = pod_.ask.lanes.size();
    pod_.ask.lanes.push_back(ask);
    pod_.settings.push_back(settings);
    pod_.names.push_back(name.empty() ? std::to_string(number) : name);
    if (!name.empty()) by_name_[name].push_back(number);
  }

  // What no two lanes of a pod may share.
  void check_unique(Members& lane, const LaneConfig& settings, int count) {
    if (settings.interface) take_once(lane, "interface", *settings.interface, count);
    if (settings.mac) take_once(lane, "mac", settings.mac->to_string(), count);
  }

  void take_once(Members& lane, const char* key, const std::string& value, int count) {
    if (!taken_.emplace(key, value).second) {
      lane.reject(key, fmt::format("an earlier lane has {}, too", in_quotes(value)));
    } else if (count > 1) {
      lane.reject(key, fmt::format("{} lanes cannot all have {}", count, in_quotes(value)));
    }
  }

  LaneGroup group(const json& names, const std::string& at) {
    LaneGroup lanes;
    if (!names.is_array() || names.empty() || names.size() > kMostLanes) {
      problems_.add(at, fmt::format("want an array of 1 to {} names of lanes", kMostLanes));
      return lanes;
    }
    std::set<std::string> named;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::string name = names[i].is_string() ? names[i].get<std::string>() : "";
      const auto found = by_name_.find(name);
      if (found == by_name_.end()) {
        problems_.add(fmt::format("{}/{}", at, i),
                      fmt::format("no lane is named {}", in_quotes(names[i].dump())));
      } else if (!named.insert(name).second) {
        problems_.add(fmt::format("{}/{}", at, i),
                      fmt::format("{} is in the group already", in_quotes(name)));
      } else {
        lanes.insert(lanes.end(), found->second.begin(), found->second.end());
      }
    }
    return lanes;
  }

  Problems& problems_;
  AnnotatedPod pod_;
  std::map<std::string, LaneGroup> by_name_;
  std::set<std::pair<std::string, std::string>> taken_;  // Member and value.
};

}  // namespace

std::initializer_list<std::string_view> annotated_lane_members() {
  static const std::initializer_list<std::string_view> kMembers = {
      "name",      "count",   "floor", "ceiling", "numaNode",  "link",
      "linkType",  "mtu",     "vlan",  "vlanQoS", "vlanProto", "mac",
      "interface", "network", "rdma",  "trust",   "spoofchk",  "driver"};
  return kMembers;
}

AnnotatedPod read_lanes_annotation(std::string_view text, Problems& problems) {
  const json document = parse_document(text, problems);
  if (document.is_null() && !problems.empty()) return {};
  Reader reader(problems);
  if (document.is_array()) {
    reader.lanes(document, "");
    return reader.take();
  }
  if (!document.is_object()) {
    problems.add("", "want an array of lanes, or an object with \"lanes\"");
    return {};
  }
  Members members(document, "", {"lanes", "samePort", "differentPorts"}, problems);
  reader.lanes(members.array("lanes"), "/lanes");
  reader.same_port() = reader.groups(members, "samePort");
  reader.different_ports() = reader.groups(members, "differentPorts");
  return reader.take();
}

}  // namespace sluice
