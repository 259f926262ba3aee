#include "pkg/netlink/kernel_traffic_control.h"

#include <linux/rtnetlink.h>

#include <algorithm>
#include <cerrno>

#include "pkg/netlink/decode_tc.h"
#include "pkg/netlink/encode_tc.h"

namespace sluice {
namespace {

/// The decoded answers that belong to `link`: the kernel lists qdiscs of all links.
template <typename T>
std::vector<T> on_link(const std::vector<Answer>& answers, int link,
                       std::optional<OnLink<T>> (*decode)(Bytes)) {
  std::vector<T> found;
  for (const Answer& answer : answers) {
    auto decoded = decode(answer.payload);
    if (decoded && decoded->link == link) found.push_back(std::move(decoded->value));
  }
  return found;
}

/// The kernel says EINVAL to a removal when what is in that place, if only its own default, is not
/// what was named.
Result<> named_or_not_found(Result<> removed, const std::string& attempt) {
  if (!removed && removed.error().sys_errno() == EINVAL) return Error::from_errno(ENOENT, attempt);
  return removed;
}

}  // namespace

Result<KernelTrafficControl> KernelTrafficControl::open(const NetNs* netns) {
  return KernelTrafficControl(TRY(Socket::open(NETLINK_ROUTE, netns)));
}

Result<std::vector<Qdisc>> KernelTrafficControl::qdiscs(int link) {
  Message message = encode_tc_list(RTM_GETQDISC, link);
  const auto answers = TRY(socket_.dump(message, fmt::format("list qdiscs of link {}", link)));
  return on_link<Qdisc>(answers, link, decode_qdisc);
}

Result<> KernelTrafficControl::add_qdisc(int link, const Qdisc& qdisc) {
  Message message = encode_add_qdisc(link, qdisc);
  return socket_.request(message,
                         fmt::format("add qdisc {} to link {}", to_string(qdisc.handle), link));
}

Result<> KernelTrafficControl::remove_qdisc(int link, const Qdisc& qdisc) {
  const std::string attempt =
      fmt::format("remove qdisc {} from link {}", to_string(qdisc.handle), link);
  Message message = encode_remove_qdisc(link, qdisc);
  return named_or_not_found(socket_.request(message, attempt), attempt);
}

Result<std::vector<HtbClassState>> KernelTrafficControl::classes(int link) {
  Message message = encode_tc_list(RTM_GETTCLASS, link);
  const auto answers = TRY(socket_.dump(message, fmt::format("list classes of link {}", link)));
  auto found = on_link<HtbClassState>(answers, link, decode_htb_class);
  std::ranges::sort(found, {}, [](const HtbClassState& c) { return c.settings.handle; });
  return found;
}

Result<> KernelTrafficControl::set_class(int link, const HtbClass& settings) {
  Message message = encode_set_class(link, settings);
  return socket_.request(message,
                         fmt::format("set class {} of link {}", to_string(settings.handle), link));
}

Result<> KernelTrafficControl::remove_class(int link, TcHandle handle) {
  Message message = encode_remove_class(link, handle);
  return socket_.request(message,
                         fmt::format("remove class {} from link {}", to_string(handle), link));
}

Result<std::vector<Answer>> KernelTrafficControl::dump_filters(int link, TcHandle parent) {
  Message message = encode_tc_list(RTM_GETTFILTER, link, parent);
  return socket_.dump(message, fmt::format("list filters {} of link {}", to_string(parent), link));
}

Result<bool> KernelTrafficControl::has_filters(int link, TcHandle parent) {
  const auto answers = TRY(dump_filters(link, parent));
  return !answers.empty();
}

Result<std::vector<Filter>> KernelTrafficControl::filters(int link, TcHandle parent) {
  const auto answers = TRY(dump_filters(link, parent));
  auto found = on_link<Filter>(answers, link, decode_filter);
  std::ranges::sort(found, {}, &Filter::priority);
  return found;
}

Result<> KernelTrafficControl::add_filter(int link, const Filter& filter) {
  const std::string attempt = fmt::format("add filter {} to qdisc {} of link {}", filter.priority,
                                          to_string(filter.parent), link);
  Message message = encode_add_filter(link, filter);
  Result<> added = socket_.request(message, attempt);
  // u32 says "no space" of a filter number in use (u32_change, net/sched/cls_u32.c).
  if (!added && added.error().sys_errno() == ENOSPC) return Error::from_errno(EEXIST, attempt);
  return added;
}

Result<> KernelTrafficControl::remove_filter(int link, TcHandle parent, std::uint16_t priority) {
  const std::string attempt =
      fmt::format("remove filter {} from qdisc {} of link {}", priority, to_string(parent), link);
  Message message = encode_remove_filter(link, parent, priority);
  return named_or_not_found(socket_.request(message, attempt), attempt);
}

}  // namespace sluice
