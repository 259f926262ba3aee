#pragma once

#include <array>
#include <utility>

#include "pkg/base/result.h"
#include "pkg/base/unique_fd.h"
#include "pkg/netlink/message.h"

namespace sluice {

/// Kinds of things that changed on the node, once however often.
struct Changes {
  bool links = false;
  bool rdma = false;
  bool pci = false;

  static Changes all() { return {.links = true, .rdma = true, .pci = true}; }

  bool any() const { return links || rdma || pci; }

  Changes& operator|=(const Changes& other) {
    links |= other.links;
    rdma |= other.rdma;
    pci |= other.pci;
    return *this;
  }

  friend bool operator==(const Changes&, const Changes&) = default;
};

/// What a kernel uevent, "action@path" and then KEY=value texts, says has changed: by SUBSYSTEM,
/// PCI functions or RDMA devices. Links have a better source. Pure.
Changes decode_uevent(Bytes event);

/// Tells that something changed: links of one namespace (RTNLGRP_LINK), RDMA devices (the RDMA
/// notify group, Linux 6.12, and uevents) and PCI functions (uevents; in the initial namespace).
/// It only wakes: it carries no state, and changes of VF settings do not wake at all, so its
/// user reads everything again when woken, and from time to time without. Not thread-safe.
class Monitor {
 public:
  /// Bytes a socket may queue between two drains before the kernel drops events. An event takes
  /// about 2 KiB; enabling 64 VFs makes some 400.
  static constexpr int kReceiveBuffer = 1 << 20;

  /// In the calling thread's namespace. Succeeds where the kernel has no RDMA.
  static Result<Monitor> open(int receive_buffer = kReceiveBuffer);

  /// For poll(2) and the like: readable while there is something to drain.
  int fd() const { return epoll_.get(); }

  /// Takes what came since the last time and never blocks. Everything counts as changed when the
  /// kernel had to drop events. After a flood some may be left; fd() then stays readable.
  Result<Changes> drain();

 private:
  enum Source { link_source, rdma_source, uevent_source, source_count };

  Monitor() = default;

  Result<> add(Source source, UniqueFd fd);
  Result<Changes> drain(Source source) const;

  UniqueFd epoll_;
  std::array<UniqueFd, source_count> sources_;  // rdma_source is empty without RDMA.
};

}  // namespace sluice
