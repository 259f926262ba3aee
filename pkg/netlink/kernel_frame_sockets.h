#pragma once

#include <memory>

#include "pkg/netlink/frame_sockets.h"

namespace sluice {

/// FrameSockets by packet(7): needs CAP_NET_RAW in the link's namespace.
class KernelFrameSockets final : public FrameSockets {
 public:
  Result<std::unique_ptr<FrameSocket>> open(const NetNs& netns, int link_index) override;
};

}  // namespace sluice
