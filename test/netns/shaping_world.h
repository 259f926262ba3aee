#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "pkg/bandwidth/htb_shaper.h"
#include "pkg/netlink/kernel_links.h"
#include "pkg/netlink/kernel_traffic_control.h"

namespace sluice {

/// Sends full Ethernet frames out of one link as fast as the link takes them, from a thread of its
/// own, until destroyed.
class FrameSource {
 public:
  static constexpr int kFrameSize = 1514;  // MTU 1500 with its header

  /// `link` is an index in `netns`; frames carry `source` as their source MAC.
  FrameSource(const NetNs& netns, int link, const MacAddress& source);
  FrameSource(const FrameSource&) = delete;
  FrameSource& operator=(const FrameSource&) = delete;
  ~FrameSource();

 private:
  void send_all();

  UniqueFd socket_;
  int link_;
  std::vector<char> frame_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

/// A namespace with an uplink (whose other end swallows everything) and macvlan children shaped by
/// an HtbShaper: the lanes, numbered from 0.
class ShapingWorld {
 public:
  explicit ShapingWorld(BitRate usable);

  /// Adds the next lane.
  void add_lane(Rate rate);

  /// Sends from these lanes until the uplink has carried `warm_up` and then `measured` bytes more.
  /// Returns the wire bytes of every lane over the latter; empty when that took unduly long.
  std::vector<double> bytes_of(const std::vector<int>& senders, std::uint64_t measured);

  HtbShaper& shaper() { return shaper_; }

  TrafficControl& traffic_control() { return tc_; }

  int uplink() const { return uplink_; }

 private:
  static MacAddress mac_of(std::size_t lane);

  std::vector<std::uint64_t> counters();  // Of all traffic, then of each lane

  NetNs netns_;
  KernelLinks links_;
  KernelTrafficControl tc_;
  int uplink_;
  HtbShaper shaper_;
  std::vector<int> lanes_;  // ifindex by lane
};

}  // namespace sluice
