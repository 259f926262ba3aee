#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/base/result.h"

namespace sluice {

/// An IPv4 or IPv6 address.
class IpAddress {
 public:
  /// invalid_argument when `text` is neither.
  static Result<IpAddress> parse(std::string_view text);

  static IpAddress from_bytes(const std::uint8_t* bytes, std::size_t size);  ///< 4 or 16 bytes.

  std::string to_string() const;

  bool is_v6() const { return size_ == 16; }

  const std::uint8_t* data() const { return bytes_.data(); }

  std::size_t size() const { return size_; }

  friend bool operator==(const IpAddress&, const IpAddress&) = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};
  std::size_t size_ = 4;
};

/// An address with the length of its network part: "192.0.2.1/24".
struct IpPrefix {
  IpAddress address;
  int length = 0;

  /// invalid_argument without a length or with one the address has no room for. Keeps host bits.
  static Result<IpPrefix> parse(std::string_view text);

  std::string to_string() const;

  /// The same with the host bits zero: "192.0.2.0/24".
  IpPrefix network() const;

  bool contains(const IpAddress& other) const;

  friend bool operator==(const IpPrefix&, const IpPrefix&) = default;
};

inline constexpr int kMainTable = 254;  ///< RT_TABLE_MAIN (linux/rtnetlink.h)

/// A route through a link; fields the CNI specification lists for `routes`.
struct Route {
  IpPrefix destination;  ///< Host bits are not looked at.
  std::optional<IpAddress> gateway;
  int mtu = 0;               ///< 0: not set.
  int advmss = 0;            ///< 0: not set.
  int priority = 0;          ///< 0: the kernel's choice.
  std::optional<int> table;  ///< nullopt: main.
  std::optional<int> scope;  ///< nullopt: link without a gateway, universe with one. IPv4 only.

  friend bool operator==(const Route&, const Route&) = default;
};

/// Traffic from one address looks for its route in `table`.
struct SourceRule {
  IpAddress from;
  int table = 0;
  int priority = 0;  ///< Lower ones first; 0 is the table of local addresses, 32766 main.

  std::string to_string() const;  ///< "from 192.0.2.1 lookup 1000"

  friend bool operator==(const SourceRule&, const SourceRule&) = default;
};

/// What Documentation/networking/ip-sysctl.rst has as net.ipv4.conf.<link>.*; of each of these the
/// greater of the link's and conf.all's is in force.
struct Ipv4Conf {
  int arp_ignore = 0;
  int arp_announce = 0;
  int rp_filter = 0;

  friend bool operator==(const Ipv4Conf&, const Ipv4Conf&) = default;
};

/// Addresses, routes, rules and neighbours of one network namespace. Not thread-safe.
class Addresses {
 public:
  virtual ~Addresses() = default;

  /// already_exists when the link has it, not_found without the link. IPv6 addresses are added
  /// without duplicate detection: the IPAM plugin is the authority, and a tentative address would
  /// delay the pod by seconds.
  virtual Result<> add_address(int link, const IpPrefix& address) = 0;

  /// Also those the kernel gave the link itself (IPv6 link-local). Empty without the link.
  virtual Result<std::vector<IpPrefix>> addresses(int link) = 0;

  /// already_exists when the link has this route; one to the same destination through another link
  /// stays beside it. not_found without the link, the kernel's errno
  /// (ENETUNREACH, EHOSTUNREACH) when the gateway cannot be reached through it.
  virtual Result<> add_route(int link, const Route& route) = 0;

  /// Unicast routes of the main table that leave through the link alone, in the form add_route
  /// takes; also those the kernel made for the link's addresses. Empty without the link.
  Result<std::vector<Route>> routes(int link) { return routes_in(kMainTable, link); }

  /// The same of any table.
  virtual Result<std::vector<Route>> routes_in(int table, int link) = 0;

  /// already_exists when the namespace has this rule at this priority.
  virtual Result<> add_rule(const SourceRule& rule) = 0;

  /// By priority. Rules that SourceRule cannot say are left out.
  virtual Result<std::vector<SourceRule>> rules() = 0;

  /// not_found when there is none. Rules outlive their addresses and the routes of their table.
  virtual Result<> remove_rule(const SourceRule& rule) = 0;

  /// All in one request, on the link as it is in this namespace: a move resets them. not_found
  /// without the link.
  virtual Result<> set_ipv4_conf(int link, const Ipv4Conf& conf) = 0;

  /// nullopt without the link, or without IPv4 on it.
  virtual Result<std::optional<Ipv4Conf>> ipv4_conf(int link) = 0;

  /// Adds or replaces a permanent neighbour entry; `mac` is the link-layer address as text, 6 bytes
  /// for Ethernet and 20 for InfiniBand. invalid_argument where it is none, not_found without the
  /// link.
  virtual Result<> set_neighbour(int link, const IpAddress& address, const std::string& mac) = 0;
};

}  // namespace sluice
