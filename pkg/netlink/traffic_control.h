#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "pkg/base/bit_rate.h"
#include "pkg/base/mac_address.h"
#include "pkg/base/result.h"

namespace sluice {

/// Names a qdisc (minor 0) or a class of a link: "51ce:", "51ce:1", hexadecimal as tc(8) has it.
struct TcHandle {
  std::uint16_t major = 0;
  std::uint16_t minor = 0;

  friend constexpr auto operator<=>(TcHandle, TcHandle) = default;
};

std::string to_string(TcHandle handle);

inline constexpr TcHandle kTcRoot{0xffff, 0xffff};           ///< TC_H_ROOT
inline constexpr TcHandle kTcIngressParent{0xffff, 0xfff1};  ///< TC_H_INGRESS
inline constexpr TcHandle kTcIngress{0xffff, 0};             ///< The ingress qdisc's fixed handle.

/// A bucket's depth, as the time in which it fills at its rate: what the kernel stores. It counts
/// in ticks of 64 ns (PSCHED_SHIFT, net/pkt_sched.h); other times are rounded up to the next.
using TcBurst = std::chrono::duration<std::uint32_t, std::ratio<64, 1'000'000'000>>;

/// How the root of an HTB tree treats what no filter classified.
struct HtbOptions {
  std::uint16_t default_class = 0;  ///< Minor of the class for it; 0: sent at once, unshaped.
  /// Divides a class's rate into its quantum where that is 0. The kernel warns when the outcome
  /// leaves 1,000 to 200,000 byte, which only an explicit quantum prevents.
  std::uint32_t rate_to_quantum = 10;

  friend bool operator==(const HtbOptions&, const HtbOptions&) = default;
};

/// A token bucket for everything that leaves through the link.
struct TbfOptions {
  BitRate rate;  ///< Whole byte/s.
  TcBurst burst{};
  std::uint32_t limit = 0;  ///< Bytes that may wait; more are dropped.

  friend bool operator==(const TbfOptions&, const TbfOptions&) = default;
};

struct IngressOptions {
  friend bool operator==(const IngressOptions&, const IngressOptions&) = default;
};

/// A queueing discipline of a kind that this interface does not read further.
struct OtherOptions {
  friend bool operator==(const OtherOptions&, const OtherOptions&) = default;
};

struct Qdisc {
  std::string kind;  ///< "htb", "tbf", "ingress", "noqueue", "mq" …; follows options when added.
  TcHandle handle;
  TcHandle parent = kTcRoot;
  std::variant<OtherOptions, HtbOptions, TbfOptions, IngressOptions> options;

  /// The kernel put it there itself; it makes room for any other and comes back afterwards.
  bool is_default() const { return handle.major == 0; }

  friend bool operator==(const Qdisc&, const Qdisc&) = default;
};

/// A class of an HTB qdisc. Rates count Ethernet frames without preamble, FCS and gap, with the
/// headers of every segment that the card cuts out of a large packet ("wire bytes").
struct HtbClass {
  TcHandle handle;
  TcHandle parent;
  BitRate rate;     ///< Guaranteed. Whole byte/s, at least 1 byte/s.
  BitRate ceiling;  ///< Never exceeded. Whole byte/s, at least 1 byte/s.
  TcBurst burst{};
  TcBurst ceiling_burst{};
  std::uint32_t quantum = 0;   ///< Bytes served before the next class of the level is.
  std::uint32_t priority = 0;  ///< 0 (first) to 7

  friend bool operator==(const HtbClass&, const HtbClass&) = default;
};

/// What went through a class since it was made; wire bytes, see HtbClass.
struct ClassCounters {
  std::uint64_t bytes = 0;
  std::uint32_t packets = 0;
  std::uint32_t drops = 0;

  friend bool operator==(const ClassCounters&, const ClassCounters&) = default;
};

struct HtbClassState {
  HtbClass settings;
  ClassCounters counters;

  friend bool operator==(const HtbClassState&, const HtbClassState&) = default;
};

/// Holds for a packet whose 32 bits at `offset` from its network header, masked, are `value`. The
/// Ethernet header lies before it, at −14.
struct U32Key {
  std::int32_t offset = 0;  ///< A multiple of 4.
  std::uint32_t value = 0;  ///< Host byte order.
  std::uint32_t mask = 0;   ///< Host byte order; 0 holds for every packet.

  friend bool operator==(const U32Key&, const U32Key&) = default;
};

std::vector<U32Key> match_source(const MacAddress& mac);
std::vector<U32Key> match_destination(const MacAddress& mac);
std::vector<U32Key> match_group_destination();  ///< Broadcast and multicast.
std::vector<U32Key> match_everything();

/// The packet leaves through another link instead of going on.
struct Redirect {
  int link = 0;

  friend bool operator==(const Redirect&, const Redirect&) = default;
};

/// A copy leaves through another link; the packet goes on to the next filter.
struct Mirror {
  int link = 0;

  friend bool operator==(const Mirror&, const Mirror&) = default;
};

/// One rule at a qdisc. Its priority is its name: one filter a priority, lower ones first.
struct Filter {
  TcHandle parent;
  std::uint16_t priority = 0;                       ///< At least 1.
  std::vector<U32Key> keys;                         ///< All must hold.
  std::variant<TcHandle, Redirect, Mirror> action;  ///< A TcHandle is the class to go to.

  friend bool operator==(const Filter&, const Filter&) = default;
};

/// Queueing of the links of one network namespace. Each call is one request. Not thread-safe.
/// not_found when there is no such link, qdisc or class, where nothing else is said.
class TrafficControl {
 public:
  virtual ~TrafficControl() = default;

  /// The link's qdiscs, defaults included where the kernel shows them; empty for an unknown link.
  virtual Result<std::vector<Qdisc>> qdiscs(int link) = 0;

  /// already_exists when a qdisc other than a default is in that place.
  virtual Result<> add_qdisc(int link, const Qdisc& qdisc) = 0;

  /// Takes classes and filters with it; the default comes back.
  virtual Result<> remove_qdisc(int link, const Qdisc& qdisc) = 0;

  /// Classes of HTB qdiscs, by handle; empty for an unknown link.
  virtual Result<std::vector<HtbClassState>> classes(int link) = 0;

  /// Makes the class, or changes it while packets flow; its parent cannot be changed.
  virtual Result<> set_class(int link, const HtbClass& settings) = 0;

  /// busy while a filter leads to the class or it has children. Packets that wait are dropped.
  virtual Result<> remove_class(int link, TcHandle handle) = 0;

  /// Filters of the qdisc `parent` by priority, those that are not u32 left out; empty when there
  /// is no such qdisc.
  virtual Result<std::vector<Filter>> filters(int link, TcHandle parent) = 0;

  /// Whether the qdisc `parent` has filters of any kind.
  virtual Result<bool> has_filters(int link, TcHandle parent) = 0;

  /// already_exists when the priority is taken; invalid_argument without the qdisc.
  virtual Result<> add_filter(int link, const Filter& filter) = 0;

  virtual Result<> remove_filter(int link, TcHandle parent, std::uint16_t priority) = 0;
};

}  // namespace sluice
