#include "pkg/netlink/decode_tc.h"

#include <arpa/inet.h>
#include <linux/gen_stats.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_mirred.h>

#include <cstddef>

namespace sluice {
namespace {

TcHandle handle_of(std::uint32_t raw) {
  return {static_cast<std::uint16_t>(raw >> 16), static_cast<std::uint16_t>(raw & 0xffff)};
}

/// What all traffic-control messages have in common.
struct TcMessage {
  tcmsg header{};
  Attributes attributes{Bytes()};
  std::string kind;
  Attributes options{Bytes()};
};

std::optional<TcMessage> open_message(Bytes payload) {
  const auto header = read_as<tcmsg>(payload);
  if (!header) return std::nullopt;
  TcMessage message{.header = *header, .attributes = attributes_after<tcmsg>(payload)};
  if (const auto kind = message.attributes.find(TCA_KIND)) message.kind = kind->text();
  if (const auto options = message.attributes.find(TCA_OPTIONS)) {
    message.options = Attributes(options->payload);
  }
  return message;
}

template <typename T>
std::optional<T> value_of(const Attributes& attributes, int type) {
  const auto attribute = attributes.find(type);
  return attribute ? attribute->as<T>() : std::nullopt;
}

/// A rate in byte/s: 32 bits in the struct, 64 beside it where those are too few.
BitRate rate_of(const tc_ratespec& spec, const Attributes& options, int wide_type) {
  const auto wide = value_of<std::uint64_t>(options, wide_type);
  return BitRate::bits_per_second(wide.value_or(spec.rate) * 8);
}

std::optional<HtbOptions> htb_options(const Attributes& options) {
  const auto global = value_of<tc_htb_glob>(options, TCA_HTB_INIT);
  if (!global) return std::nullopt;
  return HtbOptions{.default_class = static_cast<std::uint16_t>(global->defcls),
                    .rate_to_quantum = global->rate2quantum};
}

std::optional<TbfOptions> tbf_options(const Attributes& options) {
  const auto parameters = value_of<tc_tbf_qopt>(options, TCA_TBF_PARMS);
  if (!parameters) return std::nullopt;
  return TbfOptions{.rate = rate_of(parameters->rate, options, TCA_TBF_RATE64),
                    .burst = TcBurst(parameters->buffer),
                    .limit = parameters->limit};
}

ClassCounters counters_of(const Attributes& attributes) {
  ClassCounters counters;
  const auto nest = attributes.find(TCA_STATS2);
  if (!nest) return counters;
  const Attributes statistics(nest->payload);
  if (const auto basic = value_of<gnet_stats_basic>(statistics, TCA_STATS_BASIC)) {
    counters.bytes = basic->bytes;
    counters.packets = basic->packets;
  }
  if (const auto queue = value_of<gnet_stats_queue>(statistics, TCA_STATS_QUEUE)) {
    counters.drops = queue->drops;
  }
  return counters;
}

std::optional<std::vector<U32Key>> keys_of(Bytes selector) {
  if (selector.size() < sizeof(tc_u32_sel)) return std::nullopt;
  const int count = std::to_integer<int>(selector[offsetof(tc_u32_sel, nkeys)]);
  Bytes rest = selector.subspan(sizeof(tc_u32_sel));
  std::vector<U32Key> keys;
  for (int i = 0; i < count; ++i) {
    const auto key = read_as<tc_u32_key>(rest);
    if (!key) return std::nullopt;
    keys.push_back({.offset = key->off, .value = ntohl(key->val), .mask = ntohl(key->mask)});
    rest = rest.subspan(sizeof(tc_u32_key));
  }
  return keys;
}

using Action = std::variant<TcHandle, Redirect, Mirror>;

/// The first action of the list: Sluice sets one.
std::optional<Action> mirred_of(Bytes actions) {
  const Attributes list(actions);
  const auto first = list.find(1);  // Numbered from 1 (TCA_ACT_MAX_PRIO).
  if (!first) return std::nullopt;
  const Attributes action(first->payload);
  const auto kind = action.find(TCA_ACT_KIND);
  const auto options = action.find(TCA_ACT_OPTIONS);
  if (!kind || kind->text() != "mirred" || !options) return std::nullopt;
  const auto mirred = value_of<tc_mirred>(Attributes(options->payload), TCA_MIRRED_PARMS);
  if (!mirred) return std::nullopt;
  const int link = static_cast<int>(mirred->ifindex);
  if (mirred->eaction == TCA_EGRESS_REDIR) return Redirect{link};
  if (mirred->eaction == TCA_EGRESS_MIRROR) return Mirror{link};
  return std::nullopt;
}

std::optional<Action> action_of(const Attributes& options) {
  if (const auto flow = value_of<std::uint32_t>(options, TCA_U32_CLASSID)) return handle_of(*flow);
  const auto actions = options.find(TCA_U32_ACT);
  return actions ? mirred_of(actions->payload) : std::nullopt;
}

}  // namespace

std::optional<OnLink<Qdisc>> decode_qdisc(Bytes payload) {
  const auto message = open_message(payload);
  if (!message) return std::nullopt;
  Qdisc qdisc{.kind = message->kind,
              .handle = handle_of(message->header.tcm_handle),
              .parent = handle_of(message->header.tcm_parent),
              .options = {}};
  if (qdisc.kind == "htb") {
    if (const auto options = htb_options(message->options)) qdisc.options = *options;
  } else if (qdisc.kind == "tbf") {
    if (const auto options = tbf_options(message->options)) qdisc.options = *options;
  } else if (qdisc.kind == "ingress") {
    qdisc.options = IngressOptions{};
  }
  return OnLink<Qdisc>{message->header.tcm_ifindex, std::move(qdisc)};
}

std::optional<OnLink<HtbClassState>> decode_htb_class(Bytes payload) {
  const auto message = open_message(payload);
  if (!message || message->kind != "htb") return std::nullopt;
  const auto parameters = value_of<tc_htb_opt>(message->options, TCA_HTB_PARMS);
  if (!parameters) return std::nullopt;
  HtbClassState state;
  state.settings = {.handle = handle_of(message->header.tcm_handle),
                    .parent = handle_of(message->header.tcm_parent),
                    .rate = rate_of(parameters->rate, message->options, TCA_HTB_RATE64),
                    .ceiling = rate_of(parameters->ceil, message->options, TCA_HTB_CEIL64),
                    .burst = TcBurst(parameters->buffer),
                    .ceiling_burst = TcBurst(parameters->cbuffer),
                    .quantum = parameters->quantum,
                    .priority = parameters->prio};
  state.counters = counters_of(message->attributes);
  return OnLink<HtbClassState>{message->header.tcm_ifindex, state};
}

std::optional<OnLink<Filter>> decode_filter(Bytes payload) {
  const auto message = open_message(payload);
  if (!message || message->kind != "u32") return std::nullopt;
  const auto selector = message->options.find(TCA_U32_SEL);
  if (!selector) return std::nullopt;
  auto keys = keys_of(selector->payload);
  const auto action = action_of(message->options);
  if (!keys || !action) return std::nullopt;
  return OnLink<Filter>{message->header.tcm_ifindex,
                        {.parent = handle_of(message->header.tcm_parent),
                         .priority = static_cast<std::uint16_t>(message->header.tcm_info >> 16),
                         .keys = *std::move(keys),
                         .action = *action}};
}

}  // namespace sluice
