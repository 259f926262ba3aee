#pragma once

#include <string>
#include <utility>
#include <vector>

#include "pkg/netlink/addresses.h"
#include "pkg/netlink/socket.h"

namespace sluice {

/// Addresses by rtnetlink, through one socket inside the namespace; usable from any thread, by one
/// at a time.
class KernelAddresses final : public Addresses {
 public:
  /// Of the calling thread's namespace when `netns` is null.
  static Result<KernelAddresses> open(const NetNs* netns = nullptr);

  Result<> add_address(int link, const IpPrefix& address) override;
  Result<std::vector<IpPrefix>> addresses(int link) override;
  Result<> add_route(int link, const Route& route) override;
  Result<std::vector<Route>> routes_in(int table, int link) override;
  Result<> add_rule(const SourceRule& rule) override;
  Result<std::vector<SourceRule>> rules() override;
  Result<> remove_rule(const SourceRule& rule) override;
  Result<> set_ipv4_conf(int link, const Ipv4Conf& conf) override;
  Result<std::optional<Ipv4Conf>> ipv4_conf(int link) override;
  Result<> set_neighbour(int link, const IpAddress& address, const std::string& mac) override;

 private:
  explicit KernelAddresses(Socket socket) : socket_(std::move(socket)) {}

  Socket socket_;
};

}  // namespace sluice
