#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "plugin/device_plugin.h"
#include "test/fake/fake_kubelet.h"
#include "test/support/result_matchers.h"
#include "test/support/temp_dir.h"

namespace sluice::plugin {

/// `count` devices of a port: "0000:<bus>:02.0" … with character devices of their own.
inline std::vector<Device> devices_of_port(const std::string& bus, int count,
                                           std::optional<int> numa_node = 1) {
  std::vector<Device> devices;
  devices.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    devices.push_back({.id = fmt::format("0000:{}:{:02x}.{}", bus, 2 + i / 8, i % 8),
                       .port = fmt::format("0000:{}:00.0", bus),
                       .numa_node = numa_node,
                       .rdma_device = fmt::format("mlx5_{}", i),
                       .char_devices = {fmt::format("uverbs{}", i)}});
  }
  return devices;
}

/// A kubelet and a plugin in a directory of their own.
class PluginWorld : public testing::Test {
  Settings settings_;
  mutable std::mutex mutex_;  // Guards the two below.
  std::vector<Note> notes_;   // Before the plugin, which writes them.
  std::map<std::string, std::vector<std::vector<std::string>>> given_nodes_;  // By device.

 protected:
  static constexpr const char* kGold = "sluice.dev/gold";
  static constexpr const char* kBronze = "sluice.dev/bronze";

  static DeviceSnapshotPtr with(std::vector<Device> gold) {
    return with({{.resource = kGold, .floor = BitRate::gbps(10), .devices = std::move(gold)}});
  }

  static DeviceSnapshotPtr with(std::vector<ClassDevices> classes) {
    return std::make_shared<const DeviceSnapshot>(
        DeviceSnapshot{.generation = 1, .classes = std::move(classes), .ports = {}});
  }

  void use_kubelet(FakeKubelet::Registry registry,
                   FakeKubelet::Release release = FakeKubelet::Release::v1_37) {
    kubelet = std::make_unique<FakeKubelet>(directory.path(), registry, release);
  }

  /// Where everything is, to be changed before the plugin starts. Retries in plugins_registry come
  /// so late that a test in which one is needed fails. On kubelet.sock they are needed: the file is
  /// there a moment before the kubelet listens.
  Settings& settings() {
    if (settings_.kubelet.registry.starts_with("/var")) {
      const Backoff::Limits soon{std::chrono::milliseconds(10), std::chrono::seconds(2)};
      const Backoff::Limits never{std::chrono::hours(1), std::chrono::hours(1)};
      settings_ = {
          .kubelet = {.device_plugins = directory / "device-plugins",
                      .registry = directory / "plugins_registry"},
          .handover = {.handover = Handover::cdi, .device_info_dir = directory / "devinfo"},
          .cdi_dir = directory / "cdi",
          .retries = {.legacy = soon, .registry = never}};
    }
    return settings_;
  }

  void start_plugin(const DeviceSnapshotPtr& snapshot) {
    plugin = started();
    ASSERT_NE(plugin, nullptr);
    ASSERT_THAT(plugin->publish(snapshot), IsOk());
  }

  /// One of several instances; all have the hooks below.
  std::unique_ptr<DevicePlugin> started() {
    Hooks hooks{.allocate =
                    [this](const std::string& resource, const std::vector<std::string>& ids) {
                      return on_allocate ? on_allocate(resource, ids) : Result<>();
                    },
                .gives_nodes =
                    [this](const Device& device) {
                      const std::lock_guard lock(mutex_);
                      given_nodes_[device.id].push_back(device.char_devices);
                      return on_nodes ? on_nodes(device) : Result<>();
                    },
                .note =
                    [this](const Note& note) {
                      const std::lock_guard lock(mutex_);
                      notes_.push_back(note);
                    }};
    Result<std::unique_ptr<DevicePlugin>> started =
        DevicePlugin::start(settings(), std::move(hooks));
    EXPECT_THAT(started, IsOk());
    return started ? *std::move(started) : nullptr;
  }

  /// How often an event happened whose text contains `text`.
  int count(Event event, const std::string& text = "") const {
    const std::lock_guard lock(mutex_);
    int found = 0;
    for (const Note& note : notes_) {
      if (note.event == event && note.text.find(text) != std::string::npos) ++found;
    }
    return found;
  }

  /// What was said of the nodes that containers get with the device, each time.
  std::vector<std::vector<std::string>> given_nodes(const std::string& id) const {
    const std::lock_guard lock(mutex_);
    const auto found = given_nodes_.find(id);
    return found == given_nodes_.end() ? decltype(found->second)() : found->second;
  }

  std::vector<std::string> sockets_in(const std::string& path) const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      if (entry.is_socket()) names.push_back(entry.path().filename());
    }
    std::ranges::sort(names);
    return names;
  }

  TempDir directory;
  std::function<Result<>(const std::string&, const std::vector<std::string>&)> on_allocate;
  std::function<Result<>(const Device&)> on_nodes;
  std::unique_ptr<FakeKubelet> kubelet;
  std::unique_ptr<DevicePlugin> plugin;  // Ends before the kubelet.
};

}  // namespace sluice::plugin
