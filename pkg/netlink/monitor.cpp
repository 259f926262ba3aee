#include "pkg/netlink/monitor.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <optional>
#include <string_view>

namespace sluice {
namespace {

// Groups as bits of nl_groups.
constexpr std::uint32_t kLinkGroup = RTMGRP_LINK;
constexpr std::uint32_t kUeventGroup = 1;  // Of the kernel; udev's own is 2 (lib/kobject_uevent.c).
// RDMA_NL_GROUP_NOTIFY is 4 (rdma/rdma_netlink.h of Linux 6.12; Debian 12's does not have it).
constexpr std::uint32_t kRdmaGroup = 1U << 3;

constexpr std::size_t kUeventSize = 2048 + 256;  // UEVENT_BUFFER_SIZE (linux/kobject.h) and a path.
constexpr int kEventsADrain = 4096;
constexpr std::string_view kKey = "SUBSYSTEM=";

Result<UniqueFd> subscribe(int protocol, std::uint32_t group, int receive_buffer) {
  const std::string attempt = fmt::format("listen to netlink {}", protocol);
  UniqueFd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol));
  if (!fd) return Error::from_errno(errno, attempt);
  // Best effort: a smaller buffer only overflows earlier.
  static_cast<void>(
      ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, &receive_buffer, sizeof(receive_buffer)));
  const sockaddr_nl self{.nl_family = AF_NETLINK, .nl_pad = 0, .nl_pid = 0, .nl_groups = group};
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&self), sizeof(self)) != 0) {
    return Error::from_errno(errno, attempt);
  }
  return fd;
}

Changes changes_of_subsystem(std::string_view subsystem) {
  return {.rdma = subsystem.substr(0, 10) == "infiniband", .pci = subsystem == "pci"};
}

}  // namespace

Changes decode_uevent(Bytes event) {
  std::string_view rest(reinterpret_cast<const char*>(event.data()), event.size());
  while (!rest.empty()) {
    const auto end = rest.find('\0');
    if (end == std::string_view::npos) break;  // Cut short: half a value is none.
    const std::string_view text = rest.substr(0, end);
    if (text.substr(0, kKey.size()) == kKey) return changes_of_subsystem(text.substr(kKey.size()));
    rest.remove_prefix(end + 1);
  }
  return {};
}

Result<Monitor> Monitor::open(int receive_buffer) {
  Monitor monitor;
  monitor.epoll_ = UniqueFd(::epoll_create1(EPOLL_CLOEXEC));
  if (!monitor.epoll_) return Error::from_errno(errno, "make epoll");
  UniqueFd links = TRY(subscribe(NETLINK_ROUTE, kLinkGroup, receive_buffer));
  TRY(monitor.add(link_source, std::move(links)));
  UniqueFd uevents = TRY(subscribe(NETLINK_KOBJECT_UEVENT, kUeventGroup, receive_buffer));
  TRY(monitor.add(uevent_source, std::move(uevents)));
  Result<UniqueFd> rdma = subscribe(NETLINK_RDMA, kRdmaGroup, receive_buffer);
  if (rdma) {
    TRY(monitor.add(rdma_source, std::move(*rdma)));
  } else if (rdma.error().code() != Code::unsupported) {
    return std::move(rdma).error();
  }
  return monitor;
}

Result<> Monitor::add(Source source, UniqueFd fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd.get(), &event) != 0) {
    return Error::from_errno(errno, "watch netlink socket");
  }
  sources_[source] = std::move(fd);
  return {};
}

Result<Changes> Monitor::drain() {
  Changes changes;
  for (const Source source : {link_source, rdma_source, uevent_source}) {
    if (sources_[source]) changes |= TRY(drain(source));
  }
  return changes;
}

Result<Changes> Monitor::drain(Source source) const {
  Changes changes;
  std::array<std::byte, kUeventSize> buffer{};
  for (int i = 0; i < kEventsADrain; ++i) {
    const ssize_t size = ::recv(sources_[source].get(), buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == EAGAIN) break;
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno == ENOBUFS) {
      changes = Changes::all();
      continue;
    }
    if (size < 0) return Error::from_errno(errno, "receive netlink event");
    switch (source) {
      case link_source: changes.links = true; break;
      case rdma_source: changes.rdma = true; break;
      default: changes |= decode_uevent(Bytes(buffer).first(static_cast<std::size_t>(size))); break;
    }
  }
  return changes;
}

}  // namespace sluice
