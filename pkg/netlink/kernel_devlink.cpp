#include "pkg/netlink/kernel_devlink.h"

#include <linux/devlink.h>
#include <linux/genetlink.h>

#include "pkg/netlink/decode_devlink.h"

namespace sluice {
namespace {

constexpr std::uint8_t kControlVersion = 1;  // genl_ctrl.version (net/netlink/genetlink.c)

/// 0 where the kernel has no devlink.
Result<std::uint16_t> find_family(Socket& socket) {
  const genlmsghdr head{.cmd = CTRL_CMD_GETFAMILY, .version = kControlVersion, .reserved = 0};
  Message message(GENL_ID_CTRL, head);
  message.put_text(CTRL_ATTR_FAMILY_NAME, DEVLINK_GENL_NAME);
  const Result<Answer> answer = socket.get(message, "find devlink");
  if (!answer && answer.error().code() == Code::not_found) return std::uint16_t{0};
  if (!answer) return answer.error();
  const auto id = decode_family_id(answer->payload);
  if (!id) return Error(Code::internal, "find devlink: the answer lacks the family's number");
  return *id;
}

/// Puts a rate in byte/s.
Result<> put_rate(Message& message, int type, std::optional<BitRate> rate, const char* name) {
  if (!rate) return {};
  if (rate->rounded_down(Devlink::kRateStep) != *rate) {
    return Error(Code::invalid_argument,
                 fmt::format("{} {} is no multiple of {}", name, to_string(*rate),
                             to_string(Devlink::kRateStep)));
  }
  message.put(type, rate->as_bytes_per_second_floor());
  return {};
}

}  // namespace

Result<KernelDevlink> KernelDevlink::open(const NetNs* netns) {
  Socket socket = TRY(Socket::open(NETLINK_GENERIC, netns));
  const std::uint16_t family = TRY(find_family(socket));
  return KernelDevlink(std::move(socket), family);
}

Result<std::optional<EswitchMode>> KernelDevlink::eswitch_mode(const DevlinkDevice& device) {
  if (family_ == 0) return std::optional<EswitchMode>();
  const std::string attempt = "get eswitch mode of " + device.to_string();
  Message question = message_about(DEVLINK_CMD_ESWITCH_GET, {.device = device});
  const Result<Answer> answer = socket_.get(question, attempt);
  if (answer) return decode_eswitch_mode(answer->payload).context("{}", attempt);
  const Code code = answer.error().code();
  if (code == Code::not_found || code == Code::unsupported) return std::optional<EswitchMode>();
  return answer.error();
}

Result<std::map<int, std::uint32_t>> KernelDevlink::vf_ports(const DevlinkDevice& device) {
  std::map<int, std::uint32_t> of_device;
  for (const Answer& answer : TRY(dump(DEVLINK_CMD_PORT_GET, "list devlink ports"))) {
    const auto found = decode_vf_port(answer.payload);
    if (found && found->device == device) of_device[found->vf] = found->port;
  }
  return of_device;
}

Result<std::vector<RateObject>> KernelDevlink::rates(const DevlinkDevice& device) {
  std::vector<RateObject> of_device;
  for (const Answer& answer : TRY(dump(DEVLINK_CMD_RATE_GET, "list devlink rates"))) {
    auto found = decode_rate(answer.payload);
    if (found && found->device == device) of_device.push_back(std::move(found->rate));
  }
  return of_device;
}

Result<std::optional<RateObject>> KernelDevlink::leaf(const DevlinkDevice& device,
                                                      std::uint32_t port) {
  return find({.device = device, .port = port});
}

Result<std::optional<RateObject>> KernelDevlink::node(const DevlinkDevice& device,
                                                      const std::string& name) {
  return find({.device = device, .node = name});
}

Result<> KernelDevlink::set_leaf(const DevlinkDevice& device, std::uint32_t port,
                                 const RateChange& change) {
  return set({.device = device, .port = port}, change);
}

Result<> KernelDevlink::set_node(const DevlinkDevice& device, const std::string& name,
                                 const RateChange& change) {
  return set({.device = device, .node = name}, change);
}

Result<> KernelDevlink::create_node(const DevlinkDevice& device, const std::string& name) {
  const Object object{.device = device, .node = name};
  Message order = message_about(DEVLINK_CMD_RATE_NEW, object);
  return request(order, "create " + text_of(object));
}

Result<> KernelDevlink::delete_node(const DevlinkDevice& device, const std::string& name) {
  const Object object{.device = device, .node = name};
  Message order = message_about(DEVLINK_CMD_RATE_DEL, object);
  return request(order, "delete " + text_of(object));
}

Message KernelDevlink::message(std::uint8_t command) const {
  const genlmsghdr head{.cmd = command, .version = DEVLINK_GENL_VERSION, .reserved = 0};
  return {family_, head};
}

Message KernelDevlink::message_about(std::uint8_t command, const Object& object) const {
  Message about = message(command);
  about.put_text(DEVLINK_ATTR_BUS_NAME, object.device.bus);
  about.put_text(DEVLINK_ATTR_DEV_NAME, object.device.name);
  if (object.port) about.put(DEVLINK_ATTR_PORT_INDEX, *object.port);
  if (!object.node.empty()) about.put_text(DEVLINK_ATTR_RATE_NODE_NAME, object.node);
  return about;
}

Result<> KernelDevlink::request(Message& message, std::string_view attempt) {
  if (family_ != 0) return socket_.request(message, attempt);
  return Error(Code::unsupported, fmt::format("{}: the kernel has no devlink", attempt));
}

Result<std::vector<Answer>> KernelDevlink::dump(std::uint8_t command, std::string_view attempt) {
  if (family_ == 0) return std::vector<Answer>();
  Message question = message(command);  // Of all devices: older kernels know no filter.
  return socket_.dump(question, attempt);
}

Result<std::optional<RateObject>> KernelDevlink::find(const Object& object) {
  if (family_ == 0) return std::optional<RateObject>();
  const std::string attempt = "get " + text_of(object);
  Message question = message_about(DEVLINK_CMD_RATE_GET, object);
  const Result<Answer> answer = socket_.get(question, attempt);
  if (!answer && answer.error().code() == Code::not_found) return std::optional<RateObject>();
  if (!answer) return answer.error();
  auto found = decode_rate(answer->payload);
  if (!found) return Error(Code::internal, attempt + ": the answer names no rate object");
  return std::optional(std::move(found->rate));
}

Result<> KernelDevlink::set(const Object& object, const RateChange& change) {
  const std::string attempt = "set " + text_of(object);
  Message order = message_about(DEVLINK_CMD_RATE_SET, object);
  TRY(put_rate(order, DEVLINK_ATTR_RATE_TX_SHARE, change.tx_share, "tx_share")
          .context("{}", attempt));
  TRY(put_rate(order, DEVLINK_ATTR_RATE_TX_MAX, change.tx_max, "tx_max").context("{}", attempt));
  if (change.parent) order.put_text(DEVLINK_ATTR_RATE_PARENT_NODE_NAME, *change.parent);
  return request(order, attempt);
}

std::string KernelDevlink::text_of(const Object& object) {
  const std::string device = object.device.to_string();
  if (object.port) return fmt::format("rate leaf {}/{}", device, *object.port);
  return fmt::format("rate node {}/{}", device, object.node);
}

}  // namespace sluice
