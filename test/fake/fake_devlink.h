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

#include "pkg/base/rate.h"
#include "pkg/netlink/devlink.h"

namespace sluice {

/// The eswitches of a node and their rate objects, kept in memory. In legacy mode a device has
/// neither ports of VFs nor rate objects, as the kernel has it.
class FakeDevlink final : public Devlink {
 public:
  /// What a driver makes of a VF's rate, floor and ceiling one after the other: 0 or an errno.
  using SetRate = std::function<int(int vf, const Rate& rate)>;

  struct Device {
    std::optional<EswitchMode> mode = EswitchMode::switchdev;
    std::map<int, std::uint32_t> ports;  // VF -> devlink port
    std::vector<RateObject> rates;
    SetRate set_rate;
  };

  std::function<void()> on_request;  ///< Before each request.
  std::optional<Error> refusal;      ///< Every call fails with it, while there is one.

  /// A device of a driver that tells `mode`, or none; `leaves` is how many VFs have one.
  void add(const DevlinkDevice& device, std::optional<EswitchMode> mode, int leaves,
           SetRate set_rate) {
    add(device, EswitchMode::switchdev, leaves);
    devices_[device.to_string()].mode = mode;
    devices_[device.to_string()].set_rate = std::move(set_rate);
  }

  /// A device with `vfs` VFs; in switchdev mode each has a leaf without limits.
  void add(const DevlinkDevice& device, EswitchMode mode, int vfs) {
    constexpr std::uint32_t kFirstVfPort = 128;  // netdevsim's; anything but the VF's number.
    Device& added = devices_[device.to_string()];
    added = {.mode = mode};
    for (int vf = 0; vf < vfs && mode == EswitchMode::switchdev; ++vf) {
      const std::uint32_t port = kFirstVfPort + static_cast<std::uint32_t>(vf);
      added.ports[vf] = port;
      added.rates.push_back({.port = port});
    }
  }

  /// The VF keeps its port and loses its leaf, as on an ice port with DCB.
  void remove_leaf(const DevlinkDevice& device, int vf) {
    Device& from = devices_.at(device.to_string());
    std::erase_if(from.rates, [&](const RateObject& rate) { return rate.port == from.ports[vf]; });
  }

  /// Called with every limit that a VF's leaf is given.
  void on_leaf_change(std::function<void(const DevlinkDevice&, int vf, const Rate&)> react) {
    react_ = std::move(react);
  }

  /// How often anything was asked of devlink, and how often for a list of ports.
  int calls() const { return calls_; }
  int port_lists() const { return port_lists_; }

  /// The `calls`-th call from now fails with `error`; the others succeed.
  void fail(Error error, int calls = 1) {
    failure_ = std::move(error);
    failure_in_ = calls;
  }

  Result<std::optional<EswitchMode>> eswitch_mode(const DevlinkDevice& device) override {
    TRY(failure());
    const auto entry = devices_.find(device.to_string());
    if (entry == devices_.end()) return std::optional<EswitchMode>();
    return entry->second.mode;
  }

  Result<std::map<int, std::uint32_t>> vf_ports(const DevlinkDevice& device) override {
    TRY(failure());
    ++port_lists_;
    const auto entry = devices_.find(device.to_string());
    if (entry == devices_.end()) return std::map<int, std::uint32_t>();
    return entry->second.ports;
  }

  Result<std::vector<RateObject>> rates(const DevlinkDevice& device) override {
    TRY(failure());
    const auto entry = devices_.find(device.to_string());
    if (entry == devices_.end()) return std::vector<RateObject>();
    return entry->second.rates;
  }

  Result<std::optional<RateObject>> leaf(const DevlinkDevice& device, std::uint32_t port) override {
    TRY(failure());
    return copy_of(find(device, {.port = port}));
  }

  Result<std::optional<RateObject>> node(const DevlinkDevice& device,
                                         const std::string& name) override {
    TRY(failure());
    return copy_of(find(device, {.node = name}));
  }

  Result<> set_leaf(const DevlinkDevice& device, std::uint32_t port,
                    const RateChange& change) override {
    return set(device, find(device, {.port = port}), change,
               fmt::format("set rate leaf {}/{}", device.to_string(), port));
  }

  Result<> set_node(const DevlinkDevice& device, const std::string& name,
                    const RateChange& change) override {
    return set(device, find(device, {.node = name}), change,
               fmt::format("set rate node {}/{}", device.to_string(), name));
  }

  Result<> create_node(const DevlinkDevice& device, const std::string& name) override {
    TRY(failure());
    const std::string attempt = fmt::format("create rate node {}/{}", device.to_string(), name);
    const auto entry = devices_.find(device.to_string());
    if (entry == devices_.end()) return Error::from_errno(ENODEV, attempt);
    if (entry->second.mode != EswitchMode::switchdev) return Error::from_errno(EOPNOTSUPP, attempt);
    if (find(device, {.node = name}) != nullptr) return Error::from_errno(EEXIST, attempt);
    entry->second.rates.push_back({.node = name});
    return {};
  }

  Result<> delete_node(const DevlinkDevice& device, const std::string& name) override {
    TRY(failure());
    const std::string attempt = fmt::format("delete rate node {}/{}", device.to_string(), name);
    const RateObject* const node = find(device, {.node = name});
    if (node == nullptr) return Error::from_errno(ENODEV, attempt);
    auto& rates = devices_[device.to_string()].rates;
    const bool used = std::any_of(rates.begin(), rates.end(),
                                  [&](const RateObject& rate) { return rate.parent == name; });
    if (used) return Error::from_errno(EBUSY, attempt);
    rates.erase(rates.begin() + (node - rates.data()));
    return {};
  }

 private:
  Result<> failure() {
    ++calls_;
    if (on_request) on_request();
    if (refusal) return *refusal;
    if (!failure_ || --failure_in_ > 0) return {};
    return std::exchange(failure_, std::nullopt).value();
  }

  /// By port or by node name, whichever `wanted` has; null when there is none.
  RateObject* find(const DevlinkDevice& device, const RateObject& wanted) {
    const auto entry = devices_.find(device.to_string());
    if (entry == devices_.end()) return nullptr;
    for (RateObject& rate : entry->second.rates) {
      if (rate.port == wanted.port && rate.node == wanted.node) return &rate;
    }
    return nullptr;
  }

  int ask_driver(const DevlinkDevice& device, const RateObject& rate, const Rate& wanted) {
    const Device& asked = devices_.at(device.to_string());
    if (!asked.set_rate || !rate.port) return 0;
    for (const auto& [vf, port] : asked.ports) {
      if (port == *rate.port) return asked.set_rate(vf, wanted);
    }
    return 0;
  }

  static std::optional<RateObject> copy_of(const RateObject* rate) {
    return rate != nullptr ? std::optional(*rate) : std::nullopt;
  }

  Result<> set(const DevlinkDevice& device, RateObject* rate, const RateChange& change,
               const std::string& attempt) {
    TRY(failure());
    for (const auto& wanted : {change.tx_share, change.tx_max}) {
      if (wanted && wanted->rounded_down(kRateStep) != *wanted) {
        return Error(Code::invalid_argument, fmt::format("{}: {} is no multiple of {}", attempt,
                                                         to_string(*wanted), to_string(kRateStep)));
      }
    }
    if (rate == nullptr) return Error::from_errno(ENODEV, attempt);
    Rate wanted{.floor = change.tx_share.value_or(rate->tx_share), .ceiling = rate->tx_max};
    if (const int refused = ask_driver(device, *rate, wanted)) {
      return Error::from_errno(refused, attempt);
    }
    rate->tx_share = wanted.floor;
    wanted.ceiling = change.tx_max.value_or(rate->tx_max);
    if (const int refused = ask_driver(device, *rate, wanted)) {
      return Error::from_errno(refused, attempt);
    }
    rate->tx_max = wanted.ceiling;
    tell(device, *rate);
    if (!change.parent) return {};
    if (!change.parent->empty() && find(device, {.node = *change.parent}) == nullptr) {
      return Error::from_errno(ENODEV, attempt);
    }
    rate->parent = *change.parent;
    return {};
  }

  void tell(const DevlinkDevice& device, const RateObject& rate) const {
    if (!react_) return;
    for (const auto& [vf, port] : devices_.at(device.to_string()).ports) {
      if (rate.port == port) react_(device, vf, {.floor = rate.tx_share, .ceiling = rate.tx_max});
    }
  }

  std::map<std::string, Device> devices_;  // "pci/0000:3b:00.0" -> device
  std::optional<Error> failure_;
  int failure_in_ = 0;
  std::function<void(const DevlinkDevice&, int, const Rate&)> react_;
  int calls_ = 0;
  int port_lists_ = 0;
};

}  // namespace sluice
