#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pkg/netlink/links.h"
#include "test/fake/fake_node.h"

namespace sluice {

/// One namespace's links of a FakeNode. Every call is a line in the node's RequestLog.
/// LinksContract runs on it and on KernelLinks, so the two cannot drift apart.
class FakeLinks final : public Links {
 public:
  /// `node` must outlive this object.
  FakeLinks(FakeNode& node, std::uint64_t netns) : node_(node), netns_(netns) {}

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
  int set(FakeLink& port, int vf, const VfSettings& settings);

  template <typename Fn>
  auto request(const std::string& text, Fn fn) {
    auto answer = node_.log().run(node_.label(netns_) + ": " + text, fn);
    node_.tick();
    node_.changed();
    return answer;
  }

  FakeNode& node_;
  std::uint64_t netns_;
};

}  // namespace sluice
