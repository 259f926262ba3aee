#include "pkg/netlink/kernel_rdma_devices.h"

#include <rdma/rdma_netlink.h>

#include <cerrno>

#include "pkg/netlink/decode_rdma.h"
#include "pkg/netlink/gid_table.h"
#include "pkg/netlink/netns_sysfs.h"

namespace sluice {
namespace {

constexpr std::uint32_t kFirstPort = 1;  // Ports of adapters count from 1 (InfiniBand 1.4, 17.2.3).

int message_type(rdma_nldev_command command) {
  return RDMA_NL_GET_TYPE(RDMA_NL_NLDEV, static_cast<int>(command));
}

Message device_message(rdma_nldev_command command, std::uint32_t index) {
  Message message(message_type(command));
  message.put(RDMA_NLDEV_ATTR_DEV_INDEX, index);
  return message;
}

/// NLDEV answers EINVAL for an index that does not exist or is not visible in this namespace.
template <typename T>
Result<T> with_absence(Result<T> result) {
  if (result || result.error().sys_errno() != EINVAL) return result;
  return Error(Code::not_found, result.error().message() + " (no such RDMA device here)", EINVAL);
}

}  // namespace

Result<KernelRdmaDevices> KernelRdmaDevices::open(const NetNs& netns) {
  return run_in(netns, []() -> Result<KernelRdmaDevices> {
    NetNs own = TRY(NetNs::current());
    Result<Socket> socket = Socket::open(NETLINK_RDMA);
    if (socket) return KernelRdmaDevices(std::move(own), std::move(*socket));
    if (socket.error().code() != Code::unsupported) return std::move(socket).error();
    return KernelRdmaDevices(std::move(own), std::nullopt);
  });
}

Result<std::vector<RdmaDevice>> KernelRdmaDevices::list() {
  std::vector<RdmaDevice> devices;
  if (!socket_) return devices;
  Message message(message_type(RDMA_NLDEV_CMD_GET));
  for (const Answer& answer : TRY(socket_->dump(message, "list RDMA devices"))) {
    if (auto device = decode_rdma_device(answer.payload)) devices.push_back(std::move(*device));
  }
  return devices;
}

Result<RdmaNetnsMode> KernelRdmaDevices::netns_mode() {
  if (!socket_) return RdmaNetnsMode::shared;
  Message message(message_type(RDMA_NLDEV_CMD_SYS_GET));
  const Answer answer = TRY(socket_->get(message, "get RDMA namespace mode"));
  const auto mode = decode_rdma_netns_mode(answer.payload);
  if (!mode) return Error(Code::internal, "get RDMA namespace mode: the answer lacks it");
  return *mode;
}

Result<std::optional<RdmaCharDevice>> KernelRdmaDevices::char_device(std::uint32_t index,
                                                                     const std::string& type) {
  const std::string attempt = fmt::format("get {} of RDMA device {}", type, index);
  TRY(require_rdma(attempt));
  Message message = device_message(RDMA_NLDEV_CMD_GET_CHARDEV, index);
  message.put_text(RDMA_NLDEV_ATTR_CHARDEV_TYPE, type);
  // uverbs belongs to a device and refuses a port; the management ones belong to a port.
  if (type != "uverbs") message.put(RDMA_NLDEV_ATTR_PORT_INDEX, kFirstPort);
  Result<Answer> answer = with_absence(socket_->get(message, attempt));
  if (!answer && answer.error().code() == Code::unsupported) return std::optional<RdmaCharDevice>();
  return decode_rdma_char_device(TRY(std::move(answer)).payload);
}

Result<std::optional<int>> KernelRdmaDevices::link_of(std::uint32_t index) {
  const std::string attempt = fmt::format("get link of RDMA device {}", index);
  TRY(require_rdma(attempt));
  Message message = device_message(RDMA_NLDEV_CMD_PORT_GET, index);
  message.put(RDMA_NLDEV_ATTR_PORT_INDEX, kFirstPort);
  const Answer answer = TRY(with_absence(socket_->get(message, attempt)));
  return decode_rdma_port_link(answer.payload);
}

Result<std::vector<Gid>> KernelRdmaDevices::gids(const std::string& device) {
  const std::string attempt = fmt::format("read GIDs of RDMA device '{}'", device);
  TRY(require_rdma(attempt));
  if (!sysfs_) sysfs_ = TRY(open_sysfs(netns_).context("{}", attempt));
  return read_gids(*sysfs_, device);
}

Result<> KernelRdmaDevices::move_to(std::uint32_t index, const NetNs& target) {
  const std::string attempt = fmt::format("move RDMA device {}", index);
  TRY(require_rdma(attempt));
  Message message = device_message(RDMA_NLDEV_CMD_SET, index);
  message.put(RDMA_NLDEV_NET_NS_FD, static_cast<std::uint32_t>(target.fd()));
  return run_in(netns_, [&] { return with_absence(socket_->request(message, attempt)); });
}

Result<> KernelRdmaDevices::require_rdma(const std::string& attempt) const {
  if (socket_) return {};
  return Error(Code::not_found, fmt::format("{}: the kernel has no RDMA", attempt));
}

}  // namespace sluice
