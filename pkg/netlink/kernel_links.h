#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pkg/netlink/links.h"
#include "pkg/netlink/socket.h"

namespace sluice {

/// Links by rtnetlink, through one socket inside the namespace; usable from any thread, by one at
/// a time.
class KernelLinks final : public Links {
 public:
  /// Of the calling thread's namespace when `netns` is null.
  static Result<KernelLinks> open(const NetNs* netns = nullptr);

  Result<std::optional<Link>> find(const std::string& name) override;
  Result<std::optional<Link>> find(int index) override;
  Result<std::vector<Link>> list() override;
  Result<> change(int index, const LinkChange& change) override;
  Result<> remove_altnames(int index, const std::vector<std::string>& names) override;
  Result<> detach_xdp(int index, std::uint32_t modes) override;
  Result<> add(const NewLink& link) override;
  Result<> remove(int index) override;
  Result<> set_vf(int port_index, int vf, const VfSettings& settings) override;
  Result<VfList> vfs(int port_index) override;

 private:
  explicit KernelLinks(Socket socket) : socket_(std::move(socket)) {}

  Socket socket_;
};

}  // namespace sluice
