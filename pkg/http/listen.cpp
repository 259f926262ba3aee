#include "pkg/http/listen.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>

#include "pkg/base/strings.h"

namespace sluice {
namespace {

constexpr int kBacklog = 64;

struct AddressRelease {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

using Addresses = std::unique_ptr<addrinfo, AddressRelease>;

Result<Addresses> resolve(const std::string& address, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) {
    return Error(Code::invalid_argument,
                 fmt::format("want a numeric address to listen on, got {}", in_quotes(address)));
  }
  return Addresses(found);
}

}  // namespace

Result<UniqueFd> listen_on(const std::string& address, std::uint16_t port) {
  const Addresses at = TRY(resolve(address, port));
  const auto failed = [&] {
    return Error::from_errno(errno, fmt::format("listen on '{}' port {}", address, port));
  };
  UniqueFd socket(::socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) return failed();
  // A restart must not wait for the connections of its predecessor to fade (tcp(7)).
  const int on = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (::bind(socket.get(), at->ai_addr, at->ai_addrlen) != 0) return failed();
  if (::listen(socket.get(), kBacklog) != 0) return failed();
  return socket;
}

bool is_loopback(const std::string& address) {
  in_addr v4{};
  if (::inet_pton(AF_INET, address.c_str(), &v4) == 1) {
    return ntohl(v4.s_addr) >> IN_CLASSA_NSHIFT == IN_LOOPBACKNET;
  }
  in6_addr v6{};
  return ::inet_pton(AF_INET6, address.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

Result<std::uint16_t> port_of(const UniqueFd& socket) {
  sockaddr_storage address{};
  socklen_t length = sizeof(address);
  if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    return Error::from_errno(errno, "name of a listening socket");
  }
  // Both families keep their port at the same place (RFC 3493, 3.3 and netinet/in.h).
  return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

}  // namespace sluice
