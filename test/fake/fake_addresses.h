#pragma once

#include <algorithm>
#include <cerrno>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pkg/base/mac_address.h"
#include "pkg/netlink/addresses.h"

namespace sluice {

/// Addresses, routes, rules and neighbours of one namespace, kept in memory. Holds state, not
/// expectations: a test sets the world up, acts, and reads the world back. AddressesContract runs
/// on it and on the kernel.
struct FakeAddressTable {
  struct OfLink {
    std::vector<IpPrefix> addresses;
    std::vector<Route> routes;
    std::map<std::string, std::string> neighbours;  // address -> MAC
    Ipv4Conf conf;
  };

  std::map<int, OfLink> links;  // ifindex -> what the link has; all links are up
  std::vector<SourceRule> rules;
  std::optional<Error> failure;
  int failure_in = 0;

  void add_link(int index) { links[index]; }

  /// The `calls`-th call from now fails with `error`; the others succeed.
  void fail(Error error, int calls = 1) {
    failure = std::move(error);
    failure_in = calls;
  }
};

/// A view of a FakeAddressTable, as many as wanted.
class FakeAddresses final : public Addresses {
 public:
  explicit FakeAddresses(std::shared_ptr<FakeAddressTable> table) : table_(std::move(table)) {}

  Result<> add_address(int link, const IpPrefix& address) override {
    auto* const entry = TRY(find(link, "add address"));
    const bool taken =
        std::any_of(entry->addresses.begin(), entry->addresses.end(), [&](const IpPrefix& other) {
          // Two lengths of one IPv4 address can be on a link, of an IPv6 address not.
          return other == address || (address.address.is_v6() && other.address == address.address);
        });
    if (taken) return Error::from_errno(EEXIST, "add address " + address.to_string());
    entry->addresses.push_back(address);
    const int last = static_cast<int>(address.address.size()) * 8;
    if (address.length < last) entry->routes.push_back({.destination = address.network()});
    return {};
  }

  Result<std::vector<IpPrefix>> addresses(int link) override {
    if (auto error = failure()) return *std::move(error);
    const auto entry = table_->links.find(link);
    if (entry == table_->links.end()) return std::vector<IpPrefix>();
    return entry->second.addresses;
  }

  Result<> add_route(int link, const Route& route) override {
    auto* const entry = TRY(find(link, "add route"));
    Route wanted = route;
    wanted.destination = route.destination.network();
    if (wanted.table == kMainTable) wanted.table.reset();
    const std::string attempt = "add route to " + wanted.destination.to_string();
    if (route.gateway && route.gateway->is_v6() != wanted.destination.address.is_v6()) {
      return Error(Code::invalid_argument, attempt + ": gateway is of the other family");
    }
    if (route.gateway && !reachable(*entry, wanted)) {
      return Error::from_errno(route.gateway->is_v6() ? EHOSTUNREACH : ENETUNREACH, attempt);
    }
    for (const Route& other : entry->routes) {
      if (other.destination == wanted.destination && other.priority == wanted.priority &&
          other.table == wanted.table) {
        return Error::from_errno(EEXIST, attempt);
      }
    }
    entry->routes.push_back(wanted);
    return {};
  }

  Result<std::vector<Route>> routes_in(int table, int link) override {
    if (auto error = failure()) return *std::move(error);
    std::vector<Route> of_table;
    const auto entry = table_->links.find(link);
    if (entry == table_->links.end()) return of_table;
    for (const Route& route : entry->second.routes) {
      if (route.table.value_or(kMainTable) == table) of_table.push_back(route);
    }
    return of_table;
  }

  Result<> add_rule(const SourceRule& rule) override {
    if (auto error = failure()) return *std::move(error);
    auto& rules = table_->rules;
    if (std::find(rules.begin(), rules.end(), rule) != rules.end()) {
      return Error::from_errno(EEXIST, "add rule " + rule.to_string());
    }
    const auto next = std::find_if(rules.begin(), rules.end(), [&](const SourceRule& other) {
      return other.priority > rule.priority;
    });
    rules.insert(next, rule);
    return {};
  }

  Result<std::vector<SourceRule>> rules() override {
    if (auto error = failure()) return *std::move(error);
    return table_->rules;
  }

  Result<> remove_rule(const SourceRule& rule) override {
    if (auto error = failure()) return *std::move(error);
    const auto found = std::find(table_->rules.begin(), table_->rules.end(), rule);
    if (found == table_->rules.end()) {
      return Error::from_errno(ENOENT, "remove rule " + rule.to_string());
    }
    table_->rules.erase(found);
    return {};
  }

  Result<> set_ipv4_conf(int link, const Ipv4Conf& conf) override {
    auto* const entry = TRY(find(link, "set IPv4 configuration"));
    entry->conf = conf;
    return {};
  }

  Result<std::optional<Ipv4Conf>> ipv4_conf(int link) override {
    if (auto error = failure()) return *std::move(error);
    const auto entry = table_->links.find(link);
    if (entry == table_->links.end()) return std::optional<Ipv4Conf>();
    return std::optional<Ipv4Conf>(entry->second.conf);
  }

  Result<> set_neighbour(int link, const IpAddress& address, const std::string& mac) override {
    auto* const entry = TRY(find(link, "set neighbour"));
    const MacAddress parsed = TRY(MacAddress::parse(mac));
    entry->neighbours[address.to_string()] = parsed.to_string();
    return {};
  }

 private:
  std::optional<Error> failure() {
    if (!table_->failure || --table_->failure_in > 0) return std::nullopt;
    return std::exchange(table_->failure, std::nullopt);
  }

  Result<FakeAddressTable::OfLink*> find(int link, const char* attempt) {
    if (auto error = failure()) return *std::move(error);
    const auto entry = table_->links.find(link);
    if (entry == table_->links.end()) return Error::from_errno(ENODEV, attempt);
    return &entry->second;
  }

  /// The kernel looks for the gateway in the route's own table, then in main.
  static bool reachable(const FakeAddressTable::OfLink& entry, const Route& wanted) {
    return std::any_of(entry.routes.begin(), entry.routes.end(), [&](const Route& route) {
      return !route.gateway && (!route.table || route.table == wanted.table) &&
             route.destination.contains(*wanted.gateway);
    });
  }

  std::shared_ptr<FakeAddressTable> table_;
};

}  // namespace sluice
