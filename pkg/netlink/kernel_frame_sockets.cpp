#include "pkg/netlink/kernel_frame_sockets.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

namespace sluice {
namespace {

static_assert(FrameSocket::kEthertype == ETH_P_802_EX1);

// Of others that experiment with the same ethertype.
constexpr std::array<char, 8> kMagic = {'s', 'l', 'u', 'i', 'c', 'e', 'F', '1'};

// Room for what comes while the one thread sends: 4 MiB are a thousand full frames.
constexpr int kReceiveRoom = 4 << 20;

struct Header {
  ethhdr ethernet;
  std::array<char, 8> magic;
  std::uint64_t mark;
} __attribute__((packed));

using Buffer = std::array<std::byte, ETH_FRAME_LEN>;

void put_mac(unsigned char (&field)[ETH_ALEN], const MacAddress& mac) {
  std::copy(mac.bytes().begin(), mac.bytes().end(), std::begin(field));
}

MacAddress mac_in(const unsigned char (&field)[ETH_ALEN]) {
  MacAddress::Bytes bytes{};
  std::copy(std::begin(field), std::end(field), bytes.begin());
  return MacAddress(bytes);
}

std::optional<Frame> decode(const Buffer& buffer, std::size_t size) {
  Header header{};
  if (size < sizeof(header)) return std::nullopt;
  std::memcpy(&header, buffer.data(), sizeof(header));
  if (header.magic != kMagic) return std::nullopt;
  return Frame{.to = mac_in(header.ethernet.h_dest),
               .from = mac_in(header.ethernet.h_source),
               .mark = header.mark,
               .size = size};
}

class KernelFrameSocket final : public FrameSocket {
 public:
  explicit KernelFrameSocket(UniqueFd fd) : fd_(std::move(fd)) {}

  Result<> send(const Frame& frame) override {
    Header header{};
    put_mac(header.ethernet.h_dest, frame.to);
    put_mac(header.ethernet.h_source, frame.from);
    header.ethernet.h_proto = htons(kEthertype);
    header.magic = kMagic;
    header.mark = frame.mark;
    Buffer buffer{};
    std::memcpy(buffer.data(), &header, sizeof(header));
    const std::size_t size = std::clamp<std::size_t>(frame.size, ETH_ZLEN, buffer.size());
    if (::send(fd_.get(), buffer.data(), size, 0) >= 0) return {};
    // ENOBUFS: the link's queue took what it could and dropped this one.
    if (errno == EAGAIN || errno == ENOBUFS) return Error(Code::busy, "send frame: no room", errno);
    return Error::from_errno(errno, "send frame");
  }

  Result<Arrivals> receive(std::chrono::milliseconds timeout) override {
    Arrivals arrivals;
    TRY(drain(arrivals));
    if (arrivals.frames.empty() && timeout.count() > 0) {
      pollfd waited{.fd = fd_.get(), .events = POLLIN, .revents = 0};
      ::poll(&waited, 1, static_cast<int>(timeout.count()));
      TRY(drain(arrivals));
    }
    tpacket_stats counted{};
    socklen_t size = sizeof(counted);
    if (::getsockopt(fd_.get(), SOL_PACKET, PACKET_STATISTICS, &counted, &size) == 0) {
      arrivals.lost = counted.tp_drops;  // Since the last time it was asked.
    }
    return arrivals;
  }

 private:
  Result<> drain(Arrivals& arrivals) {
    Buffer buffer{};
    for (;;) {
      const ssize_t size = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
      if (size < 0 && errno == EINTR) continue;
      if (size < 0 && errno == EAGAIN) return {};
      if (size < 0) return Error::from_errno(errno, "receive frames");
      if (auto frame = decode(buffer, static_cast<std::size_t>(size))) {
        arrivals.frames.push_back(*frame);
      }
    }
  }

  UniqueFd fd_;
};

Result<UniqueFd> open_packet_socket(int link_index) {
  // Protocol 0 receives nothing yet: not all links' frames before bind() chose one.
  UniqueFd fd(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return Error::from_errno(errno, "open packet socket");
  // Best effort: with less room more frames are counted as lost, and none is forgotten.
  static_cast<void>(
      ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveRoom, sizeof(kReceiveRoom)));
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(FrameSocket::kEthertype);
  address.sll_ifindex = link_index;
  const auto* const where = static_cast<const void*>(&address);
  if (::bind(fd.get(), static_cast<const sockaddr*>(where), sizeof(address)) != 0) {
    return Error::from_errno(errno, fmt::format("open frames of link {}", link_index));
  }
  return fd;
}

}  // namespace

Result<std::unique_ptr<FrameSocket>> KernelFrameSockets::open(const NetNs& netns, int link_index) {
  UniqueFd fd = TRY(run_in(netns, [link_index] { return open_packet_socket(link_index); }));
  return std::make_unique<KernelFrameSocket>(std::move(fd));
}

}  // namespace sluice
