#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cni/protocol/error.h"
#include "pkg/netlink/addresses.h"

namespace sluice::cni {

class Fields;

/// One of `interfaces`.
struct Interface {
  std::string name;
  std::string mac;  ///< As text: an InfiniBand one has 20 bytes.
  int mtu = 0;
  std::string sandbox;  ///< CNI_NETNS; empty for a link of the host.
  std::string socket_path;
  std::string pci_id;

  friend bool operator==(const Interface&, const Interface&) = default;
};

/// One of `ips`.
struct AssignedIp {
  std::optional<int> interface;  ///< Index into `interfaces`.
  IpPrefix address;
  std::optional<IpAddress> gateway;

  friend bool operator==(const AssignedIp&, const AssignedIp&) = default;
};

struct Dns {
  std::vector<std::string> nameservers;
  std::string domain;
  std::vector<std::string> search;
  std::vector<std::string> options;

  bool empty() const;

  friend bool operator==(const Dns&, const Dns&) = default;
};

/// What ADD prints, what IPAM plugins answer, and what comes as prevResult.
struct AddResult {
  std::vector<Interface> interfaces;
  std::vector<AssignedIp> ips;
  std::vector<Route> routes;
  Dns dns;

  friend bool operator==(const AddResult&, const AddResult&) = default;
};

/// The result in the words of one version: `ips[].version` before 1.0.0; `mtu`, `socketPath`,
/// `pciID` and the routes' details from 1.1.0; `dns` always before 1.0.0, later when not empty.
std::string encode_result(const AddResult& result, std::string_view version);

/// invalid_config naming the member that is wrong. Reads any of our versions.
Outcome<AddResult> decode_result(const Fields& fields);

Outcome<Dns> decode_dns(const Fields& fields);

}  // namespace sluice::cni
