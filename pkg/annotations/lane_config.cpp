#include "pkg/annotations/lane_config.h"

#include <nlohmann/json.hpp>

#include "pkg/annotations/vf_rate.h"
#include "pkg/annotations/vlan.h"
#include "pkg/base/kube_names.h"
#include "pkg/base/link_name.h"
#include "pkg/base/strings.h"
#include "pkg/json/document.h"
#include "pkg/json/members.h"

namespace sluice {
namespace {

using nlohmann::json;

constexpr int kLeastMtu = 68;    // ETH_MIN_MTU (linux/if_ether.h)
constexpr int kMostMtu = 65535;  // ETH_MAX_MTU

void check_type(Members& members) {
  const std::string version = members.text("apiVersion");
  if (version != kLaneConfigVersion) {
    members.reject("apiVersion",
                   fmt::format("want {}, got {}", kLaneConfigVersion, in_quotes(version)));
  }
  const std::string kind = members.text("kind");
  if (kind != kLaneConfigKind) {
    members.reject("kind", fmt::format("want {}, got {}", kLaneConfigKind, in_quotes(kind)));
  }
}

std::optional<MacAddress> read_mac(Members& members) {
  if (members.find("mac") == nullptr) return std::nullopt;
  const std::string text = members.text("mac");
  const Result<MacAddress> mac = MacAddress::parse(text);
  if (mac && !mac->is_zero() && !mac->is_multicast()) return *mac;
  members.reject("mac", fmt::format("want a unicast MAC address, got {}", in_quotes(text)));
  return std::nullopt;
}

std::optional<std::string> read_interface(Members& members) {
  if (members.find("interface") == nullptr) return std::nullopt;
  const std::string name = members.text("interface");
  if (!is_link_name(name)) {
    members.reject("interface",
                   fmt::format("want 1 to 15 characters without '/', ':' and blanks, got {}",
                               in_quotes(name)));
  } else if (name == "eth0" || name == "lo") {
    members.reject("interface", fmt::format("'{}' is the pod's own", name));
  }
  return name;
}

std::optional<std::string> read_network(Members& members) {
  if (members.find("network") == nullptr) return std::nullopt;
  const std::string name = members.text("network");
  if (!is_dns_subdomain(name)) {
    members.reject("network", fmt::format("want the name of a network, got {}", in_quotes(name)));
  }
  return name;
}

std::optional<bool> read_flag(Members& members, const char* key) {
  if (members.find(key) == nullptr) return std::nullopt;
  return members.boolean(key, false);
}

std::optional<LaneDriver> read_driver(Members& members) {
  if (members.find("driver") == nullptr) return std::nullopt;
  const std::string word = members.text("driver");
  if (word == "vfio-pci") return LaneDriver::vfio;
  if (word != "default") {
    members.reject("driver",
                   fmt::format("want \"default\" or \"vfio-pci\", got {}", in_quotes(word)));
  }
  return LaneDriver::network;
}

template <typename T>
void take(std::optional<T>& to, const std::optional<T>& later) {
  if (later) to = later;
}

}  // namespace

std::initializer_list<std::string_view> lane_config_members() {
  static const std::initializer_list<std::string_view> kMembers = {
      "apiVersion", "kind",      "ceiling", "mtu",  "vlan",  "vlanQoS",  "vlanProto",
      "mac",        "interface", "network", "rdma", "trust", "spoofchk", "driver"};
  return kMembers;
}

LaneConfig read_lane_config(std::string_view text, const std::string& at, Problems& problems) {
  if (text.size() > kLongestLaneConfig) {
    problems.add(at, fmt::format("has {} bytes, {} are allowed", text.size(), kLongestLaneConfig));
    return {};
  }
  Problems in_text;
  const json document = parse_document(text, in_text);
  for (const Problem& problem : in_text.all()) problems.add(at + problem.at, problem.what);
  if (document.is_null() && !in_text.empty()) return {};
  Members members(document, at, lane_config_members(), problems);
  if (!members.is_object()) return {};
  check_type(members);
  return read_lane_settings(members);
}

LaneConfig read_lane_settings(Members& members) {
  return {.ceiling = read_vf_rate(members, "ceiling"),
          .mtu = members.number("mtu", kLeastMtu, kMostMtu),
          .vlan = read_vlan(members),
          .mac = read_mac(members),
          .interface = read_interface(members),
          .network = read_network(members),
          .rdma = read_flag(members, "rdma"),
          .trust = read_flag(members, "trust"),
          .spoofchk = read_flag(members, "spoofchk"),
          .driver = read_driver(members)};
}

Result<> check_driver(const LaneConfig& config) {
  if (config.driver != LaneDriver::vfio) return {};
  std::string odd;
  const auto name = [&odd](bool is_set, std::string_view member) {
    if (is_set) odd += fmt::format("{}\"{}\"", odd.empty() ? "" : ", ", member);
  };
  name(config.interface.has_value(), "interface");
  name(config.mtu.has_value(), "mtu");
  name(config.network.has_value(), "network");
  name(config.rdma.value_or(false), "rdma");
  if (odd.empty()) return {};
  return Error(Code::invalid_argument,
               fmt::format("driver vfio-pci leaves no link, so not with {}", odd));
}

void merge(LaneConfig& to, const LaneConfig& later) {
  take(to.ceiling, later.ceiling);
  take(to.mtu, later.mtu);
  take(to.vlan, later.vlan);
  take(to.mac, later.mac);
  take(to.interface, later.interface);
  take(to.network, later.network);
  take(to.rdma, later.rdma);
  take(to.trust, later.trust);
  take(to.spoofchk, later.spoofchk);
  take(to.driver, later.driver);
}

VfSettings settings_of(const LaneConfig& config) {
  VfSettings settings;
  settings.mac = config.mac;
  settings.vlan = config.vlan;
  settings.spoofchk = config.spoofchk;
  settings.trust = config.trust;
  return settings;
}

}  // namespace sluice
