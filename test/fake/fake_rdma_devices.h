#pragma once

#include <sys/sysmacros.h>

#include <cerrno>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pkg/netlink/gid_table.h"
#include "pkg/netlink/rdma_devices.h"

namespace sluice {

/// The RDMA devices of a node in all its namespaces, kept in memory. Like the kernel it frees a
/// device's numbers when the device moves and takes the lowest free ones, so they can change.
struct FakeRdmaSubsystem {
  struct Device {
    RdmaDevice device;
    std::uint64_t netns = 0;  ///< Cookie of the namespace it is in.
    bool movable = true;      ///< The driver can disassociate its users.
    std::uint64_t link_netns = 0;
    int link = 0;                      ///< 0: none
    std::map<std::string, int> chars;  // type -> number
    std::string function;              ///< PCI address of its parent.
    std::vector<Gid> gids;
    int looks_before_gids = 0;  ///< So many questions find no GIDs yet.
  };

  RdmaNetnsMode mode = RdmaNetnsMode::exclusive;
  std::map<std::uint32_t, Device> devices;  // index -> device
  std::function<void()> on_move;  ///< The world changing with a move: a test's sysfs, say.
  std::function<void(Device&)> after_move;  ///< What drivers above do; FakeNode's.
  std::function<void()> on_request;         ///< Before each request.
  std::optional<Error> refusal;             ///< Every call fails with it, while there is one.
  std::optional<Error> failure;
  int failure_in = 0;

  /// A RoCE device in namespace `netns` whose link, when not 0, is there too. Returns its index.
  std::uint32_t add(const std::string& name, std::uint64_t netns, int link = 0) {
    const std::uint32_t index = devices.empty() ? 0 : devices.rbegin()->first + 1;
    devices[index] = {.device = {.index = index, .name = name, .protocol = "roce"},
                      .netns = netns,
                      .link_netns = netns,
                      .link = link};
    number(devices[index]);
    return index;
  }

  /// A GID of RoCE v2, as the kernel makes it of an address of the device's link.
  void add_gid(std::uint32_t index, const IpAddress& address) {
    std::vector<Gid>& gids = devices.at(index).gids;
    gids.push_back({.address = as_gid(address),
                    .type = GidType::roce_v2,
                    .port = 1,
                    .index = static_cast<int>(gids.size())});
  }

  /// The `calls`-th call from now fails with `error`; the others succeed.
  void fail(Error error, int calls = 1) {
    failure = std::move(error);
    failure_in = calls;
  }

  void number(Device& device) {
    for (const char* type : {"uverbs", "umad"}) device.chars.erase(type);
    for (const char* type : {"uverbs", "umad"}) device.chars[type] = lowest_free(type);
  }

 private:
  int lowest_free(const std::string& type) const {
    for (int number = 0;; ++number) {
      bool taken = false;
      for (const auto& [index, other] : devices) {
        const auto held = other.chars.find(type);
        taken |= held != other.chars.end() && held->second == number;
      }
      if (!taken) return number;
    }
  }
};

/// One namespace's view of a FakeRdmaSubsystem.
class FakeRdmaDevices final : public RdmaDevices {
 public:
  FakeRdmaDevices(std::shared_ptr<FakeRdmaSubsystem> rdma, std::uint64_t netns)
      : rdma_(std::move(rdma)), netns_(netns) {}

  Result<std::vector<RdmaDevice>> list() override {
    if (auto error = failure()) return *std::move(error);
    std::vector<RdmaDevice> visible;
    for (const auto& [index, entry] : rdma_->devices) {
      if (sees(entry)) visible.push_back(entry.device);
    }
    return visible;
  }

  Result<RdmaNetnsMode> netns_mode() override {
    if (auto error = failure()) return *std::move(error);
    return rdma_->mode;
  }

  Result<std::optional<RdmaCharDevice>> char_device(std::uint32_t index,
                                                    const std::string& type) override {
    const auto* const entry = TRY(find(index, "get " + type + " of"));
    const auto held = entry->chars.find(type);
    if (held == entry->chars.end()) return std::optional<RdmaCharDevice>();
    // Numbers of drivers/infiniband/core: major 231, uverbs from 192, umad from 0.
    const auto minor = static_cast<unsigned>(held->second + (type == "uverbs" ? 192 : 0));
    return std::optional(
        RdmaCharDevice{.name = type + std::to_string(held->second), .number = makedev(231, minor)});
  }

  Result<std::optional<int>> link_of(std::uint32_t index) override {
    const auto* const entry = TRY(find(index, "get link of"));
    if (entry->link == 0 || entry->link_netns != netns_) return std::optional<int>();
    return std::optional(entry->link);
  }

  Result<std::vector<Gid>> gids(const std::string& device) override {
    if (auto error = failure()) return *std::move(error);
    for (auto& [index, entry] : rdma_->devices) {
      if (entry.device.name != device || !sees(entry)) continue;
      return entry.looks_before_gids-- > 0 ? std::vector<Gid>() : entry.gids;
    }
    return Error(Code::not_found,
                 fmt::format("read GIDs of RDMA device '{}': no such RDMA device here", device));
  }

  Result<> move_to(std::uint32_t index, const NetNs& target) override {
    auto* const entry = TRY(find(index, "move"));
    if (rdma_->mode == RdmaNetnsMode::shared || !entry->movable) {
      return Error::from_errno(EOPNOTSUPP, fmt::format("move RDMA device {}", index));
    }
    entry->netns = target.cookie();
    rdma_->number(*entry);
    if (rdma_->after_move) rdma_->after_move(*entry);
    if (rdma_->on_move) rdma_->on_move();
    return {};
  }

 private:
  std::optional<Error> failure() {
    if (rdma_->on_request) rdma_->on_request();
    if (rdma_->refusal) return rdma_->refusal;
    if (!rdma_->failure || --rdma_->failure_in > 0) return std::nullopt;
    return std::exchange(rdma_->failure, std::nullopt);
  }

  bool sees(const FakeRdmaSubsystem::Device& entry) const {
    return rdma_->mode == RdmaNetnsMode::shared || entry.netns == netns_;
  }

  Result<FakeRdmaSubsystem::Device*> find(std::uint32_t index, const std::string& attempt) {
    if (auto error = failure()) return *std::move(error);
    const auto entry = rdma_->devices.find(index);
    if (entry != rdma_->devices.end() && sees(entry->second)) return &entry->second;
    return Error(
        Code::not_found,
        fmt::format("{} RDMA device {}: EINVAL (no such RDMA device here)", attempt, index),
        EINVAL);
  }

  std::shared_ptr<FakeRdmaSubsystem> rdma_;
  std::uint64_t netns_;
};

}  // namespace sluice
