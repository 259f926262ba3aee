#include "test/fake/fake_kernel.h"

#include <cerrno>

namespace sluice {
namespace {

/// The real kernel keeps a namespace alive while a NetNs is held; here it can be killed under it.
Error is_gone(const NetNs& netns) {
  return Error::from_errno(EINVAL, fmt::format("enter network namespace {}", netns.cookie()));
}

}  // namespace

Result<std::optional<NetNs>> FakeKernel::find_netns(const std::string& path) {
  const std::string line = fmt::format("kernel: find_netns '{}'", path);
  return log().run(line, [&]() -> Result<std::optional<NetNs>> {
    const auto cookie = node_.netns_at(path);
    if (!cookie) return std::optional<NetNs>();
    return std::optional<NetNs>(NetNs::fake(*cookie));
  });
}

Result<std::optional<NetNs>> FakeKernel::find_netns_holding(const std::string& parent_device) {
  const std::string line = fmt::format("kernel: find_netns_holding {}", parent_device);
  return log().run(line, [&]() -> Result<std::optional<NetNs>> {
    for (const auto& [cookie, space] : node_.spaces()) {
      if (cookie == FakeNode::kHost) continue;
      for (const auto& [index, link] : space) {
        if (link.link.parent_device == parent_device) {
          return std::optional<NetNs>(NetNs::fake(cookie));
        }
      }
    }
    return std::optional<NetNs>();
  });
}

Result<std::unique_ptr<Links>> FakeKernel::links_in(const NetNs& netns) {
  if (!node_.spaces().contains(netns.cookie())) return is_gone(netns);
  return std::make_unique<FakeLinks>(node_, netns.cookie());
}

Result<std::unique_ptr<Addresses>> FakeKernel::addresses_in(const NetNs& netns) {
  if (!node_.spaces().contains(netns.cookie())) return is_gone(netns);
  return std::make_unique<FakeAddresses>(node_.addresses(netns.cookie()));
}

Result<std::unique_ptr<RdmaDevices>> FakeKernel::rdma_in(const NetNs& netns) {
  if (!node_.spaces().contains(netns.cookie())) return is_gone(netns);
  return std::make_unique<FakeRdmaDevices>(node_.rdma(), netns.cookie());
}

}  // namespace sluice
