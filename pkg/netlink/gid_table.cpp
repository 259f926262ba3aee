// Files of Documentation/ABI/stable/sysfs-class-infiniband in the kernel's sources.
#include "pkg/netlink/gid_table.h"

#include <algorithm>
#include <array>
#include <cerrno>

namespace sluice {
namespace {

constexpr std::size_t kV6Size = 16;
constexpr std::size_t kV4Size = 4;

// The kernel gives a GID the lowest free entry (find_gid, drivers/infiniband/core/cache.c), and an
// entry costs three system calls: soft-RoCE has 1024, of which a lane uses a few.
constexpr int kUnusedAtEnd = 64;

// Unused entries read as zeros; their type and link are refused with EINVAL.
bool is_unused(const IpAddress& gid) {
  return std::all_of(gid.data(), gid.data() + gid.size(), [](auto byte) { return byte == 0; });
}

// nullopt where the entry went since its GID was read.
Result<std::optional<GidType>> read_type(const Dir& port, int index) {
  const Result<std::optional<std::string>> text =
      port.read(fmt::format("gid_attrs/types/{}", index));
  if (!text && text.error().sys_errno() == EINVAL) return std::optional<GidType>();
  if (!text) return text.error();
  if (!*text) return std::optional<GidType>();
  return std::optional(**text == "RoCE v2" ? GidType::roce_v2 : GidType::ib_or_roce_v1);
}

Result<> read_port(const Dir& port, int number, std::vector<Gid>& gids) {
  int unused = 0;  // In a row.
  for (int index = 0; unused < kUnusedAtEnd; ++index) {
    const auto text = TRY(port.read(fmt::format("gids/{}", index)));
    if (!text) return {};  // Behind the table's end.
    const IpAddress address = TRY(IpAddress::parse(*text));
    unused = is_unused(address) ? unused + 1 : 0;
    if (unused > 0) continue;
    const auto type = TRY(read_type(port, index));
    if (!type) continue;
    gids.push_back({.address = address, .type = *type, .port = number, .index = index});
  }
  return {};
}

}  // namespace

Result<std::vector<Gid>> read_gids(const Dir& sysfs, const std::string& device) {
  const std::string attempt = fmt::format("read GIDs of RDMA device '{}'", device);
  const auto ports =
      TRY(sysfs.open_dir("class/infiniband/" + device + "/ports").context("{}", attempt));
  if (!ports) return Error(Code::not_found, attempt + ": no such RDMA device here");
  std::vector<Gid> gids;
  for (int number = 1;; ++number) {
    const auto port = TRY(ports->open_dir(std::to_string(number)).context("{}", attempt));
    if (!port) return gids;
    TRY(read_port(*port, number, gids).context("{}, port {}", attempt, number));
  }
}

IpAddress as_gid(const IpAddress& address) {
  if (address.is_v6()) return address;
  std::array<std::uint8_t, kV6Size> bytes{};
  bytes[10] = bytes[11] = 0xff;  // RFC 4291, 2.5.5.2
  std::copy_n(address.data(), kV4Size, bytes.end() - kV4Size);
  return IpAddress::from_bytes(bytes.data(), bytes.size());
}

}  // namespace sluice
