#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "pkg/base/mac_address.h"
#include "pkg/base/result.h"
#include "pkg/netlink/netns.h"

namespace sluice {

/// An Ethernet frame of our own ethertype: nothing but a mark for the one who waits for it.
struct Frame {
  MacAddress to;
  MacAddress from;
  std::uint64_t mark = 0;
  std::size_t size = 60;  ///< Without the checksum; 60 is the least (ETH_ZLEN).

  friend bool operator==(const Frame&, const Frame&) = default;
};

/// What a link has received since the last look.
struct Arrivals {
  std::vector<Frame> frames;
  std::size_t lost = 0;  ///< More that came and found no room in the socket.
};

/// One link's frames of our ethertype, in both directions. Frames of others are never seen.
class FrameSocket {
 public:
  /// IEEE 802's first number for local experiments, ETH_P_802_EX1 (linux/if_ether.h).
  static constexpr std::uint16_t kEthertype = 0x88b5;

  virtual ~FrameSocket() = default;

  /// busy while the link's queue is full. Returns without waiting.
  virtual Result<> send(const Frame& frame) = 0;

  /// Everything that has come by now; when nothing has, waits for it for at most `timeout`.
  virtual Result<Arrivals> receive(std::chrono::milliseconds timeout) = 0;
};

/// The way to the frames of any link.
class FrameSockets {
 public:
  virtual ~FrameSockets() = default;

  /// not_found when `netns` has no such link. The socket works from then on, from any namespace.
  virtual Result<std::unique_ptr<FrameSocket>> open(const NetNs& netns, int link_index) = 0;
};

}  // namespace sluice
