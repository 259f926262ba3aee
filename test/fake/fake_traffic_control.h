#pragma once

#include <algorithm>
#include <cerrno>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pkg/netlink/traffic_control.h"

namespace sluice {

/// The queueing of all links of one namespace, kept in memory. Holds state, not expectations;
/// TrafficControlContract runs on it and on the kernel.
struct FakeQueueing {
  struct OfLink {
    std::vector<Qdisc> qdiscs;  // Without defaults
    std::map<TcHandle, HtbClassState> classes;
    std::map<std::pair<TcHandle, std::uint16_t>, Filter> filters;  // (qdisc, priority) -> filter
    bool has_filter_of_other_kind = false;                         // At ingress: bpf, flower, …
  };

  /// `knows` says which links there are.
  explicit FakeQueueing(std::function<bool(int)> knows) : knows_link(std::move(knows)) {}

  std::function<bool(int)> knows_link;
  std::map<int, OfLink> links;  // ifindex -> what the link has
  std::optional<Error> failure;
  int failure_in = 0;
  int changes = 0;  ///< Requests that changed something.

  /// The `calls`-th call from now fails with `error`; the others succeed.
  void fail(Error error, int calls = 1) {
    failure = std::move(error);
    failure_in = calls;
  }
};

/// A view of a FakeQueueing, as many as wanted.
class FakeTrafficControl final : public TrafficControl {
 public:
  explicit FakeTrafficControl(std::shared_ptr<FakeQueueing> state) : state_(std::move(state)) {}

  Result<std::vector<Qdisc>> qdiscs(int link) override {
    if (auto error = failure()) return *std::move(error);
    if (!state_->knows_link(link)) return std::vector<Qdisc>();
    std::vector<Qdisc> listed = state_->links[link].qdiscs;
    if (!root_of(state_->links[link])) listed.push_back({.kind = "noqueue", .options = {}});
    return listed;
  }

  Result<> add_qdisc(int link, const Qdisc& qdisc) override {
    const std::string attempt = fmt::format("add qdisc {}", to_string(qdisc.handle));
    auto* const on = TRY(find(link, attempt));
    for (const Qdisc& other : on->qdiscs) {
      if (other.parent == qdisc.parent) return Error::from_errno(EEXIST, attempt);
    }
    on->qdiscs.push_back(qdisc);
    return {};
  }

  Result<> remove_qdisc(int link, const Qdisc& qdisc) override {
    const std::string attempt = fmt::format("remove qdisc {}", to_string(qdisc.handle));
    auto* const on = TRY(find(link, attempt));
    const auto found = std::ranges::find(on->qdiscs, qdisc.parent, &Qdisc::parent);
    if (found == on->qdiscs.end() || found->handle != qdisc.handle) {
      return Error::from_errno(ENOENT, attempt);
    }
    const std::uint16_t major = found->handle.major;
    on->qdiscs.erase(found);
    std::erase_if(on->classes, [&](const auto& entry) { return entry.first.major == major; });
    std::erase_if(on->filters, [&](const auto& entry) { return entry.first.first.major == major; });
    return {};
  }

  Result<std::vector<HtbClassState>> classes(int link) override {
    if (auto error = failure()) return *std::move(error);
    std::vector<HtbClassState> listed;
    const auto found = state_->links.find(link);
    if (found == state_->links.end()) return listed;
    for (const auto& [handle, state] : found->second.classes) listed.push_back(state);
    return listed;
  }

  Result<> set_class(int link, const HtbClass& settings) override {
    const std::string attempt = fmt::format("set class {}", to_string(settings.handle));
    auto* const on = TRY(find(link, attempt));
    const TcHandle parent = settings.parent;
    const bool parent_known =
        parent.minor == 0 ? has_qdisc(*on, parent) : on->classes.contains(parent);
    if (!has_qdisc(*on, settings.handle)) return Error::from_errno(ENOENT, attempt);
    if (!parent_known) return Error::from_errno(ENOENT, attempt);
    if (settings.rate.as_bytes_per_second_floor() == 0 ||
        settings.ceiling.as_bytes_per_second_floor() == 0) {
      return Error::from_errno(EINVAL, attempt);
    }
    on->classes[settings.handle].settings = settings;
    return {};
  }

  Result<> remove_class(int link, TcHandle handle) override {
    const std::string attempt = fmt::format("remove class {}", to_string(handle));
    auto* const on = TRY(find(link, attempt));
    if (!on->classes.contains(handle)) return Error::from_errno(ENOENT, attempt);
    const bool has_children = std::ranges::any_of(
        on->classes, [&](const auto& entry) { return entry.second.settings.parent == handle; });
    const bool is_target = std::ranges::any_of(on->filters, [&](const auto& entry) {
      const auto* const flow = std::get_if<TcHandle>(&entry.second.action);
      return flow != nullptr && *flow == handle;
    });
    if (has_children || is_target) return Error::from_errno(EBUSY, attempt);
    on->classes.erase(handle);
    return {};
  }

  Result<std::vector<Filter>> filters(int link, TcHandle parent) override {
    if (auto error = failure()) return *std::move(error);
    std::vector<Filter> listed;
    const auto found = state_->links.find(link);
    if (found == state_->links.end()) return listed;
    for (const auto& [key, filter] : found->second.filters) {
      if (key.first == parent) listed.push_back(filter);
    }
    return listed;
  }

  Result<bool> has_filters(int link, TcHandle parent) override {
    const auto listed = TRY(filters(link, parent));
    return !listed.empty() || state_->links[link].has_filter_of_other_kind;
  }

  Result<> add_filter(int link, const Filter& filter) override {
    const std::string attempt = fmt::format("add filter {}", filter.priority);
    auto* const on = TRY(find(link, attempt));
    if (!has_qdisc(*on, filter.parent)) return Error::from_errno(EINVAL, attempt);
    const auto [entry, added] =
        on->filters.emplace(std::pair(filter.parent, filter.priority), filter);
    if (!added) return Error::from_errno(EEXIST, attempt);
    return {};
  }

  Result<> remove_filter(int link, TcHandle parent, std::uint16_t priority) override {
    const std::string attempt = fmt::format("remove filter {}", priority);
    auto* const on = TRY(find(link, attempt));
    if (on->filters.erase({parent, priority}) == 0) return Error::from_errno(ENOENT, attempt);
    return {};
  }

 private:
  using OfLink = FakeQueueing::OfLink;

  static bool has_qdisc(const OfLink& on, TcHandle handle) {
    return std::ranges::any_of(
        on.qdiscs, [&](const Qdisc& qdisc) { return qdisc.handle.major == handle.major; });
  }

  static bool root_of(const OfLink& on) {
    return std::ranges::find(on.qdiscs, kTcRoot, &Qdisc::parent) != on.qdiscs.end();
  }

  std::optional<Error> failure() {
    if (!state_->failure || --state_->failure_in > 0) return std::nullopt;
    return std::exchange(state_->failure, std::nullopt);
  }

  /// The link to be changed.
  Result<OfLink*> find(int link, const std::string& attempt) {
    if (auto error = failure()) return *std::move(error);
    if (!state_->knows_link(link)) return Error::from_errno(ENODEV, attempt);
    ++state_->changes;
    return &state_->links[link];
  }

  std::shared_ptr<FakeQueueing> state_;
};

}  // namespace sluice
