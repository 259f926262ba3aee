#include "test/netns/shaping_world.h"

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/socket.h>

#include <chrono>
#include <cstring>

#include "test/netns/fresh_netns.h"
#include "test/support/result_matchers.h"

namespace sluice {
namespace {

constexpr std::uint16_t kExperimental = 0x88b5;  // IEEE 802: local experimental EtherType 1
constexpr auto kUnduly = std::chrono::seconds(60);

Result<UniqueFd> packet_socket() {
  UniqueFd socket(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
  if (!socket) return Error::from_errno(errno, "open packet socket");
  // Deep enough that a sender may miss its turn on a busy machine for tens of milliseconds and its
  // class still has frames, and less than the 1,000 frames that a class holds before it drops.
  const int buffer = 1'000'000;
  if (::setsockopt(socket.get(), SOL_SOCKET, SO_SNDBUFFORCE, &buffer, sizeof(buffer)) != 0) {
    return Error::from_errno(errno, "deepen packet socket");
  }
  return socket;
}

std::vector<char> frame_from(const MacAddress& source) {
  std::vector<char> frame(FrameSource::kFrameSize);
  const auto destination = MacAddress::parse("02:00:00:00:ff:ff").value().bytes();
  std::memcpy(frame.data(), destination.data(), ETH_ALEN);
  std::memcpy(frame.data() + ETH_ALEN, source.bytes().data(), ETH_ALEN);
  frame[12] = static_cast<char>(kExperimental >> 8);
  frame[13] = static_cast<char>(kExperimental & 0xff);
  return frame;
}

int make_uplink(KernelLinks& links) {
  EXPECT_THAT(links.add({.kind = LinkKind::veth, .name = "up0", .peer_name = "switch0"}), IsOk());
  for (const char* name : {"up0", "switch0"}) {
    EXPECT_THAT(links.change(links.find(name).value()->index, {.up = true}), IsOk());
  }
  return links.find("up0").value()->index;
}

}  // namespace

FrameSource::FrameSource(const NetNs& netns, int link, const MacAddress& source)
    : socket_(run_in(netns, packet_socket).value()),
      link_(link),
      frame_(frame_from(source)),
      thread_([this] { send_all(); }) {}

FrameSource::~FrameSource() {
  stop_ = true;
  thread_.join();
}

void FrameSource::send_all() {
  sockaddr_ll to{};
  to.sll_family = AF_PACKET;
  to.sll_ifindex = link_;
  to.sll_halen = ETH_ALEN;
  std::memcpy(to.sll_addr, frame_.data(), ETH_ALEN);
  // Blocks while the socket's buffer is full of frames that wait for their class.
  while (!stop_) {
    static_cast<void>(::sendto(socket_.get(), frame_.data(), frame_.size(), 0,
                               reinterpret_cast<const sockaddr*>(&to), sizeof(to)));
  }
}

ShapingWorld::ShapingWorld(BitRate usable)
    : netns_(fresh_netns().value()),
      links_(KernelLinks::open(&netns_).value()),
      tc_(KernelTrafficControl::open(&netns_).value()),
      uplink_(make_uplink(links_)),
      shaper_(tc_, uplink_, usable) {}

MacAddress ShapingWorld::mac_of(std::size_t lane) {
  return MacAddress({2, 0, 0, 0, 1, static_cast<std::uint8_t>(lane)});
}

void ShapingWorld::add_lane(Rate rate) {
  const int lane = static_cast<int>(lanes_.size());
  const std::string name = fmt::format("lane{}", lane);
  ASSERT_THAT(shaper_.apply(lane, rate), IsOk());
  ASSERT_THAT(shaper_.direct(lane, mac_of(lanes_.size())), IsOk());
  ASSERT_THAT(links_.add({.kind = LinkKind::macvlan,
                          .name = name,
                          .lower_index = uplink_,
                          .mac = mac_of(lanes_.size())}),
              IsOk());
  lanes_.push_back(links_.find(name).value()->index);
  ASSERT_THAT(links_.change(lanes_.back(), {.up = true}), IsOk());
}

std::vector<std::uint64_t> ShapingWorld::counters() {
  const auto classes = tc_.classes(uplink_).value();
  std::vector<std::uint64_t> bytes(lanes_.size() + 1);
  for (const HtbClassState& state : classes) {
    if (state.settings.handle.minor == 1) bytes[0] = state.counters.bytes;
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
      const TcHandle handle = htb_class(static_cast<int>(lane), {}, BitRate::gbps(1)).handle;
      if (state.settings.handle == handle) bytes[lane + 1] = state.counters.bytes;
    }
  }
  return bytes;
}

std::vector<double> ShapingWorld::bytes_of(const std::vector<int>& senders,
                                           std::uint64_t measured) {
  std::vector<std::unique_ptr<FrameSource>> sources;
  for (const int lane : senders) {
    const auto index = static_cast<std::size_t>(lane);
    sources.push_back(std::make_unique<FrameSource>(netns_, lanes_[index], mac_of(index)));
  }
  const auto deadline = std::chrono::steady_clock::now() + kUnduly;
  const auto wait_for = [&](std::uint64_t total) {
    auto seen = counters();
    while (seen[0] < total && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      seen = counters();
    }
    return seen;
  };
  const auto before = wait_for(counters()[0] + measured / 4);
  const auto after = wait_for(before[0] + measured);
  if (after[0] < before[0] + measured) return {};
  std::vector<double> bytes;
  for (std::size_t lane = 1; lane < after.size(); ++lane) {
    bytes.push_back(static_cast<double>(after[lane] - before[lane]));
  }
  return bytes;
}

}  // namespace sluice
