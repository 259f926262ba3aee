#include "pkg/inventory/away_links.h"

#include <algorithm>

namespace sluice {
namespace {

using Names = std::vector<std::string>;

// Adds the links in `netns` whose parent is wanted, and takes those parents off the list.
Result<> collect(Kernel& kernel, const NetNs& netns, Names& wanted, std::vector<AwayLink>& found) {
  const auto links = TRY(kernel.links_in(netns));
  const std::vector<Link> all = TRY(links->list());
  for (const Link& link : all) {
    if (std::erase(wanted, link.parent_device) == 0) continue;
    found.push_back({link.parent_device, link.name, netns.cookie()});
  }
  return {};
}

Result<std::vector<AwayLink>> find_all(Kernel& kernel, Names wanted) {
  std::vector<AwayLink> found;
  while (!wanted.empty()) {
    const std::string parent = wanted.back();
    const auto netns = TRY(kernel.find_netns_holding(parent));
    if (netns) TRY(collect(kernel, *netns, wanted, found));
    std::erase(wanted, parent);  // Gone, or moved on while we looked.
  }
  return found;
}

}  // namespace

AwayLinkFinder find_away_links(Kernel& kernel) {
  return [&kernel](const Names& parent_devices) { return find_all(kernel, parent_devices); };
}

}  // namespace sluice
