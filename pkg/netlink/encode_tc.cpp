#include "pkg/netlink/encode_tc.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_mirred.h>

#include <algorithm>
#include <limits>

namespace sluice {
namespace {

// One filter a priority, so its number within the priority is the same for all. With a number of
// its own a second one is refused; without, the kernel would add it silently.
constexpr std::uint32_t kFilterNumber = 1;

constexpr std::uint32_t raw(TcHandle handle) {
  return std::uint32_t{handle.major} << 16 | handle.minor;
}

tcmsg header_of(int link, TcHandle handle, TcHandle parent) {
  tcmsg header{};
  header.tcm_family = AF_UNSPEC;
  header.tcm_ifindex = link;
  header.tcm_handle = raw(handle);
  header.tcm_parent = raw(parent);
  return header;
}

/// tcm_info of a filter: its priority, and that it sees every protocol.
std::uint32_t filter_info(std::uint16_t priority) {
  return std::uint32_t{priority} << 16 | htons(ETH_P_ALL);
}

/// A rate as the kernel has it since Linux 3.8: with the link layer named it computes times itself
/// and wants no tables of them (net/sched/sch_api.c).
tc_ratespec rate_spec(BitRate rate) {
  tc_ratespec spec{};
  spec.linklayer = TC_LINKLAYER_ETHERNET;
  spec.rate = static_cast<std::uint32_t>(std::min<std::uint64_t>(
      rate.as_bytes_per_second_floor(), std::numeric_limits<std::uint32_t>::max()));
  return spec;
}

/// What does not fit into rate_spec: 34 Gbit/s and more.
void put_wide_rate(Message& message, int type, BitRate rate) {
  const std::uint64_t bytes = rate.as_bytes_per_second_floor();
  if (bytes > std::numeric_limits<std::uint32_t>::max()) message.put(type, bytes);
}

void put_options(Message& message, const HtbOptions& options) {
  const auto nest = message.nest(TCA_OPTIONS);
  tc_htb_glob global{};
  global.version = TC_HTB_PROTOVER;
  global.rate2quantum = options.rate_to_quantum;
  global.defcls = options.default_class;
  message.put(TCA_HTB_INIT, global);
}

void put_options(Message& message, const TbfOptions& options) {
  const auto nest = message.nest(TCA_OPTIONS);
  tc_tbf_qopt parameters{};
  parameters.rate = rate_spec(options.rate);
  parameters.buffer = options.burst.count();
  parameters.limit = options.limit;
  message.put(TCA_TBF_PARMS, parameters);
  put_wide_rate(message, TCA_TBF_RATE64, options.rate);
}

void put_options(Message& /*message*/, const IngressOptions& /*options*/) {}

void put_options(Message& /*message*/, const OtherOptions& /*options*/) {}

const char* kind_of(const Qdisc& qdisc) {
  if (std::holds_alternative<HtbOptions>(qdisc.options)) return "htb";
  if (std::holds_alternative<TbfOptions>(qdisc.options)) return "tbf";
  if (std::holds_alternative<IngressOptions>(qdisc.options)) return "ingress";
  return qdisc.kind.c_str();
}

void put_keys(Message& message, const std::vector<U32Key>& keys) {
  // The header ends in an array of no size, so it is filled in place.
  std::vector<std::byte> bytes(sizeof(tc_u32_sel) + keys.size() * sizeof(tc_u32_key));
  bytes[offsetof(tc_u32_sel, flags)] = std::byte{TC_U32_TERMINAL};
  bytes[offsetof(tc_u32_sel, nkeys)] = static_cast<std::byte>(keys.size());
  std::size_t at = sizeof(tc_u32_sel);
  for (const U32Key& key : keys) {
    tc_u32_key wire{};
    wire.off = key.offset;
    wire.val = htonl(key.value);
    wire.mask = htonl(key.mask);
    std::memcpy(&bytes[at], &wire, sizeof(wire));
    at += sizeof(wire);
  }
  message.put_bytes(TCA_U32_SEL, bytes);
}

void put_mirred(Message& message, int link, int kind, int verdict) {
  const auto actions = message.nest(TCA_U32_ACT);
  const auto first = message.nest(1);
  message.put_text(TCA_ACT_KIND, "mirred");
  const auto options = message.nest(TCA_ACT_OPTIONS);
  tc_mirred parameters{};
  parameters.eaction = kind;
  parameters.action = verdict;
  parameters.ifindex = static_cast<std::uint32_t>(link);
  message.put(TCA_MIRRED_PARMS, parameters);
}

void put_action(Message& message, TcHandle flow) {
  message.put(TCA_U32_CLASSID, raw(flow));
}

void put_action(Message& message, const Redirect& redirect) {
  put_mirred(message, redirect.link, TCA_EGRESS_REDIR, TC_ACT_STOLEN);
}

void put_action(Message& message, const Mirror& mirror) {
  // "Unspecified" is what lets the next filter have the packet too; "pipe" would end the search.
  put_mirred(message, mirror.link, TCA_EGRESS_MIRROR, TC_ACT_UNSPEC);
}

}  // namespace

Message encode_add_qdisc(int link, const Qdisc& qdisc) {
  Message message(RTM_NEWQDISC, header_of(link, qdisc.handle, qdisc.parent),
                  NLM_F_CREATE | NLM_F_EXCL);
  message.put_text(TCA_KIND, kind_of(qdisc));
  std::visit([&message](const auto& options) { put_options(message, options); }, qdisc.options);
  return message;
}

Message encode_remove_qdisc(int link, const Qdisc& qdisc) {
  return {RTM_DELQDISC, header_of(link, qdisc.handle, qdisc.parent)};
}

Message encode_set_class(int link, const HtbClass& settings) {
  Message message(RTM_NEWTCLASS, header_of(link, settings.handle, settings.parent), NLM_F_CREATE);
  message.put_text(TCA_KIND, "htb");
  const auto nest = message.nest(TCA_OPTIONS);
  tc_htb_opt parameters{};
  parameters.rate = rate_spec(settings.rate);
  parameters.ceil = rate_spec(settings.ceiling);
  parameters.buffer = settings.burst.count();
  parameters.cbuffer = settings.ceiling_burst.count();
  parameters.quantum = settings.quantum;
  parameters.prio = settings.priority;
  message.put(TCA_HTB_PARMS, parameters);
  put_wide_rate(message, TCA_HTB_RATE64, settings.rate);
  put_wide_rate(message, TCA_HTB_CEIL64, settings.ceiling);
  return message;
}

Message encode_remove_class(int link, TcHandle handle) {
  return {RTM_DELTCLASS, header_of(link, handle, {})};
}

Message encode_add_filter(int link, const Filter& filter) {
  tcmsg header = header_of(link, {}, filter.parent);
  header.tcm_handle = kFilterNumber;
  header.tcm_info = filter_info(filter.priority);
  Message message(RTM_NEWTFILTER, header, NLM_F_CREATE | NLM_F_EXCL);
  message.put_text(TCA_KIND, "u32");
  const auto nest = message.nest(TCA_OPTIONS);
  put_keys(message, filter.keys);
  std::visit([&message](const auto& action) { put_action(message, action); }, filter.action);
  return message;
}

Message encode_remove_filter(int link, TcHandle parent, std::uint16_t priority) {
  tcmsg header = header_of(link, {}, parent);
  header.tcm_info = filter_info(priority);
  return {RTM_DELTFILTER, header};
}

Message encode_tc_list(int type, int link, TcHandle parent) {
  return {type, header_of(link, {}, parent)};
}

}  // namespace sluice
