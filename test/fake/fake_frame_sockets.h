#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "pkg/netlink/frame_sockets.h"
#include "test/fake/fake_node.h"

namespace sluice {

/// Frames between one VF of a FakeNode and its port: switched by the port as its driver is said to
/// do, shaped to the rate that the VF has in its hardware.
class FakeFrameSockets final : public FrameSockets {
 public:
  /// `node` must outlive this object.
  FakeFrameSockets(FakeNode& node, std::string port, int vf)
      : node_(node), port_(std::move(port)), vf_(vf) {}

  bool hairpin = true;  ///< The port sends back what is for itself or for a VF.
  /// Whether frames with the MAC of the VF's link leave it, and reach it; empty: they do.
  std::function<bool()> sends, receives;
  bool drops_foreign = true;   ///< What the spoof check is for.
  std::optional<Error> error;  ///< Every send fails with it.

  Result<std::unique_ptr<FrameSocket>> open(const NetNs& netns, int link_index) override {
    FakeLink* const link = node_.find(link_index, netns.cookie());
    if (link == nullptr) return Error::from_errno(ENODEV, fmt::format("open link {}", link_index));
    const bool is_port = netns.cookie() == FakeNode::kHost;
    return std::make_unique<End>(*this, is_port, link->link.mac.value_or(MacAddress()));
  }

 private:
  using Clock = std::chrono::steady_clock;
  using Inbox = std::deque<Frame>;

  class End final : public FrameSocket {
   public:
    End(FakeFrameSockets& wire, bool is_port, MacAddress own)
        : wire_(wire), is_port_(is_port), own_(own) {}

    Result<> send(const Frame& frame) override { return wire_.carry(frame, is_port_, own_); }

    Result<Arrivals> receive(std::chrono::milliseconds /*timeout*/) override {
      Inbox& inbox = is_port_ ? wire_.at_port_ : wire_.at_vf_;
      Arrivals arrivals{.frames = {inbox.begin(), inbox.end()}};
      inbox.clear();
      return arrivals;
    }

   private:
    FakeFrameSockets& wire_;
    bool is_port_;
    MacAddress own_;
  };

  Result<> carry(const Frame& frame, bool from_port, const MacAddress& own) {
    if (error) return *error;
    if (!from_port && is_over_rate(frame)) return Error(Code::busy, "send frame: no room", EAGAIN);
    const FakeVf& vf = node_.vf(port_, vf_);
    const bool foreign = !from_port && frame.from != own;
    if (foreign && drops_foreign && vf.checks_source) return {};
    const std::function<bool()>& passes = from_port ? receives : sends;
    if (passes && !passes()) return {};
    if (hairpin) (from_port ? at_vf_ : at_port_).push_back(frame);
    return {};
  }

  bool is_over_rate(const Frame& frame) {
    const BitRate ceiling = node_.vf(port_, vf_).programmed.ceiling;
    if (ceiling.is_zero()) return false;
    const auto now = Clock::now();
    if (now < free_at_) return true;
    const double seconds =
        static_cast<double>(frame.size * 8) / static_cast<double>(ceiling.as_bits_per_second());
    free_at_ =
        now + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
    return false;
  }

  FakeNode& node_;
  std::string port_;
  int vf_;
  Inbox at_port_;
  Inbox at_vf_;
  Clock::time_point free_at_ = {};
};

}  // namespace sluice
