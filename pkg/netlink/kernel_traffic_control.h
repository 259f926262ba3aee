#pragma once

#include <utility>

#include "pkg/netlink/socket.h"
#include "pkg/netlink/traffic_control.h"

namespace sluice {

/// TrafficControl on rtnetlink.
class KernelTrafficControl final : public TrafficControl {
 public:
  /// Of the calling thread's namespace when `netns` is null.
  static Result<KernelTrafficControl> open(const NetNs* netns = nullptr);

  Result<std::vector<Qdisc>> qdiscs(int link) override;
  Result<> add_qdisc(int link, const Qdisc& qdisc) override;
  Result<> remove_qdisc(int link, const Qdisc& qdisc) override;
  Result<std::vector<HtbClassState>> classes(int link) override;
  Result<> set_class(int link, const HtbClass& settings) override;
  Result<> remove_class(int link, TcHandle handle) override;
  Result<std::vector<Filter>> filters(int link, TcHandle parent) override;
  Result<bool> has_filters(int link, TcHandle parent) override;
  Result<> add_filter(int link, const Filter& filter) override;
  Result<> remove_filter(int link, TcHandle parent, std::uint16_t priority) override;

 private:
  Result<std::vector<Answer>> dump_filters(int link, TcHandle parent);

  explicit KernelTrafficControl(Socket socket) : socket_(std::move(socket)) {}

  Socket socket_;
};

}  // namespace sluice
