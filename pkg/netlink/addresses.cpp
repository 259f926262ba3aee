#include "pkg/netlink/addresses.h"

#include <arpa/inet.h>

#include <algorithm>

#include "pkg/base/strings.h"

namespace sluice {

Result<IpAddress> IpAddress::parse(std::string_view text) {
  const std::string terminated(text);
  std::array<std::uint8_t, 16> bytes{};
  // A NUL inside would end the text early for inet_pton(3).
  if (text.find('\0') == std::string_view::npos) {
    if (::inet_pton(AF_INET, terminated.c_str(), bytes.data()) == 1) {
      return from_bytes(bytes.data(), 4);
    }
    if (::inet_pton(AF_INET6, terminated.c_str(), bytes.data()) == 1) {
      return from_bytes(bytes.data(), 16);
    }
  }
  return Error(Code::invalid_argument, fmt::format("want an IP address, got {}", in_quotes(text)));
}

IpAddress IpAddress::from_bytes(const std::uint8_t* bytes, std::size_t size) {
  IpAddress address;
  address.size_ = size == 16 ? 16 : 4;
  std::copy_n(bytes, address.size_, address.bytes_.begin());
  return address;
}

std::string IpAddress::to_string() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(is_v6() ? AF_INET6 : AF_INET, data(), text.data(), text.size());
  return text.data();
}

Result<IpPrefix> IpPrefix::parse(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) {
    return Error(
        Code::invalid_argument,
        fmt::format("want an address with its length like 192.0.2.1/24, got {}", in_quotes(text)));
  }
  const IpAddress address = TRY(IpAddress::parse(text.substr(0, slash)));
  const int length =
      TRY(parse_int<int>(text.substr(slash + 1)).context("prefix length of {}", in_quotes(text)));
  const int longest = static_cast<int>(address.size()) * 8;
  if (length < 0 || length > longest) {
    return Error(Code::invalid_argument,
                 fmt::format("prefix length of {} is not 0 to {}", in_quotes(text), longest));
  }
  return IpPrefix{.address = address, .length = length};
}

IpPrefix IpPrefix::network() const {
  std::array<std::uint8_t, 16> bytes{};
  std::copy_n(address.data(), address.size(), bytes.begin());
  for (std::size_t i = 0; i < address.size(); ++i) {
    const int kept = std::clamp(length - static_cast<int>(i) * 8, 0, 8);
    bytes[i] = static_cast<std::uint8_t>(bytes[i] & (0xff00U >> kept));
  }
  return {.address = IpAddress::from_bytes(bytes.data(), address.size()), .length = length};
}

bool IpPrefix::contains(const IpAddress& other) const {
  return other.size() == address.size() &&
         IpPrefix{.address = other, .length = length}.network() == network();
}

std::string IpPrefix::to_string() const {
  return fmt::format("{}/{}", address.to_string(), length);
}

std::string SourceRule::to_string() const {
  return fmt::format("from {} lookup {}", from.to_string(), table);
}

}  // namespace sluice
