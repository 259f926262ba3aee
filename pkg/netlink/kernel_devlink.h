#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pkg/netlink/devlink.h"
#include "pkg/netlink/socket.h"

namespace sluice {

/// Devlink by generic netlink, through one socket inside the namespace the devices are in; usable
/// from any thread, by one at a time.
class KernelDevlink final : public Devlink {
 public:
  /// Of the calling thread's namespace when `netns` is null. Succeeds where the kernel has no
  /// devlink: what changes something is then unsupported, the rest finds nothing.
  static Result<KernelDevlink> open(const NetNs* netns = nullptr);

  Result<std::optional<EswitchMode>> eswitch_mode(const DevlinkDevice& device) override;
  Result<std::map<int, std::uint32_t>> vf_ports(const DevlinkDevice& device) override;
  Result<std::vector<RateObject>> rates(const DevlinkDevice& device) override;
  Result<std::optional<RateObject>> leaf(const DevlinkDevice& device, std::uint32_t port) override;
  Result<std::optional<RateObject>> node(const DevlinkDevice& device,
                                         const std::string& name) override;
  Result<> set_leaf(const DevlinkDevice& device, std::uint32_t port,
                    const RateChange& change) override;
  Result<> set_node(const DevlinkDevice& device, const std::string& name,
                    const RateChange& change) override;
  Result<> create_node(const DevlinkDevice& device, const std::string& name) override;
  Result<> delete_node(const DevlinkDevice& device, const std::string& name) override;

 private:
  /// Either end of what a request can be about.
  struct Object {
    const DevlinkDevice& device;
    std::optional<std::uint32_t> port;
    std::string node;
  };

  KernelDevlink(Socket socket, std::uint16_t family)
      : socket_(std::move(socket)), family_(family) {}

  Message message(std::uint8_t command) const;
  Message message_about(std::uint8_t command, const Object& object) const;
  Result<> request(Message& message, std::string_view attempt);
  Result<std::vector<Answer>> dump(std::uint8_t command, std::string_view attempt);
  Result<std::optional<RateObject>> find(const Object& object);
  Result<> set(const Object& object, const RateChange& change);

  static std::string text_of(const Object& object);

  Socket socket_;
  std::uint16_t family_;  // 0: the kernel has no devlink.
};

}  // namespace sluice
