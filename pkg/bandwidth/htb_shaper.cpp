#include "pkg/bandwidth/htb_shaper.h"

#include <algorithm>
#include <limits>

namespace sluice {
namespace {

constexpr std::uint16_t kMajor = 0x51ce;  // Reads as "slce"; one that people do not choose by hand.
constexpr TcHandle kTree{kMajor, 0};
constexpr TcHandle kAll{kMajor, 1};
constexpr TcHandle kHost{kMajor, 2};
constexpr std::uint16_t kFirstLane = 16;

// HTB wants a rate of every class. For lanes without a floor it is too little to matter beside what
// was promised to others, even for kMostLanes of them on a gigabit.
constexpr BitRate kLeastRate = BitRate::bits_per_second(8'000);
// What the host can always send, for ARP and the like: promised beyond the usable rate.
constexpr BitRate kHostRate = BitRate::mbps(1);

constexpr std::uint64_t kBurstMs = 10;
constexpr std::uint64_t kLeastBurst = 16'384;  // Bytes: ten full frames.
constexpr std::uint64_t kTicksPerSecond = TcBurst::period::den / TcBurst::period::num;
constexpr std::uint64_t kMostTicks = std::numeric_limits<TcBurst::rep>::max();
// The size of a large packet that the card cuts up, so that a turn is one of those and lanes take
// turns fairly (GSO_LEGACY_MAX_SIZE, linux/netdevice.h).
constexpr std::uint32_t kQuantum = 65'536;

constexpr std::uint16_t lane_minor(int lane) {
  return static_cast<std::uint16_t>(kFirstLane + lane);
}

TcBurst burst_at(BitRate rate) {
  const std::uint64_t per_second = std::max<std::uint64_t>(rate.as_bytes_per_second_floor(), 1);
  const std::uint64_t bytes = std::max(per_second * kBurstMs / 1000, kLeastBurst);
  const std::uint64_t ticks = (bytes * kTicksPerSecond + per_second - 1) / per_second;
  return TcBurst(static_cast<TcBurst::rep>(std::min(ticks, kMostTicks)));
}

HtbClass class_of(TcHandle handle, TcHandle parent, BitRate rate, BitRate ceiling) {
  return {.handle = handle,
          .parent = parent,
          .rate = rate,
          .ceiling = ceiling,
          .burst = burst_at(rate),
          .ceiling_burst = burst_at(ceiling),
          .quantum = kQuantum,
          .priority = 0};
}

Qdisc tree_root() {
  return {.kind = "htb",
          .handle = kTree,
          .parent = kTcRoot,
          .options = HtbOptions{.default_class = kHost.minor}};
}

/// The number of the lane whose class it is; nullopt for the inner and the host's class.
std::optional<int> lane_of(const HtbClass& htb_class) {
  if (htb_class.handle.major != kMajor || htb_class.handle.minor < kFirstLane) return std::nullopt;
  return htb_class.handle.minor - kFirstLane;
}

Result<> check_number(int lane) {
  if (lane >= 0 && lane < HtbShaper::kMostLanes) return {};
  return Error(Code::invalid_argument,
               fmt::format("lane {} of 0 to {}", lane, HtbShaper::kMostLanes - 1));
}

/// Turns "there is none" into success.
Result<> unless_gone(Result<> removed) {
  if (!removed && removed.error().code() == Code::not_found) return {};
  return removed;
}

}  // namespace

HtbClass htb_class(int lane, Rate rate, BitRate usable) {
  const BitRate ceiling = rate.ceiling.is_zero() ? usable : std::min(rate.ceiling, usable);
  const BitRate floor = rate.floor.is_zero() ? kLeastRate : rate.floor;
  return class_of({kMajor, lane_minor(lane)}, kAll, std::min(floor, ceiling), ceiling);
}

Filter htb_filter(int lane, const MacAddress& mac) {
  return {.parent = kTree,
          .priority = lane_minor(lane),
          .keys = match_source(mac),
          .action = TcHandle{kMajor, lane_minor(lane)}};
}

Result<bool> HtbShaper::has_tree() {
  const std::vector<Qdisc> qdiscs = TRY(tc_.qdiscs(uplink_));
  for (const Qdisc& qdisc : qdiscs) {
    if (qdisc.parent != kTcRoot || qdisc.is_default()) continue;
    if (qdisc.kind == "htb" && qdisc.handle == kTree) return true;
    return Error(Code::already_exists,
                 fmt::format("the root qdisc of link {} is not Sluice's: {} {}", uplink_,
                             qdisc.kind, to_string(qdisc.handle)));
  }
  return false;
}

Result<> HtbShaper::make_tree() {
  if (!TRY(has_tree())) TRY(tc_.add_qdisc(uplink_, tree_root()));
  // Also in a tree that is there: it may be half-made, or the usable rate another.
  TRY(tc_.set_class(uplink_, class_of(kAll, kTree, usable_, usable_)));
  return tc_.set_class(uplink_, class_of(kHost, kAll, std::min(kHostRate, usable_), usable_));
}

Result<> HtbShaper::apply(int lane, Rate rate) {
  TRY(check_number(lane));
  TRY(make_tree());
  return tc_.set_class(uplink_, htb_class(lane, rate, usable_));
}

Result<> HtbShaper::direct(int lane, const MacAddress& mac) {
  TRY(check_number(lane));
  TRY(remove_filter(lane));
  return tc_.add_filter(uplink_, htb_filter(lane, mac));
}

Result<> HtbShaper::remove_filter(int lane) {
  return unless_gone(tc_.remove_filter(uplink_, kTree, lane_minor(lane)));
}

Result<> HtbShaper::clear(int lane) {
  TRY(check_number(lane));
  const Result<bool> tree = has_tree();
  if (!tree && tree.error().code() != Code::already_exists) return tree.error();
  if (!tree || !*tree) return {};
  TRY(remove_filter(lane));
  TRY(unless_gone(tc_.remove_class(uplink_, {kMajor, lane_minor(lane)})));
  const VfList left = TRY(read_back());
  return left.vfs.empty() ? remove_tree() : Result<>();
}

Result<VfList> HtbShaper::read_back() {
  const std::vector<HtbClassState> classes = TRY(tc_.classes(uplink_));
  VfList list;
  for (const HtbClassState& state : classes) {
    const std::optional<int> lane = lane_of(state.settings);
    if (!lane) continue;
    Rate rate{.floor = state.settings.rate, .ceiling = state.settings.ceiling};
    if (rate.floor == kLeastRate) rate.floor = BitRate();
    if (rate.ceiling == usable_) rate.ceiling = BitRate();
    list.vfs.push_back({.index = *lane, .rate = rate});
  }
  list.announced = static_cast<std::uint32_t>(list.vfs.size());
  return list;
}

Result<> HtbShaper::remove_tree() {
  return unless_gone(tc_.remove_qdisc(uplink_, tree_root()));
}

}  // namespace sluice
