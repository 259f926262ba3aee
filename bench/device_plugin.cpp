// The device plugin with 256 VFs in eight classes, as the kubelet sees it: over its sockets.
#include "plugin/device_plugin.h"

#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>

#include "bench/bench.h"
#include "test/fake/fake_kubelet.h"
#include "test/support/temp_dir.h"

namespace sluice::bench {
namespace {

constexpr int kClasses = 8;
constexpr int kDevicesPerClass = 32;
constexpr int kAllocations = 2000;
constexpr int kChanges = 100;
constexpr int kRestarts = 9;

std::string resource_of(int number) {
  return fmt::format("sluice.dev/class{}", number);
}

plugin::DeviceSnapshotPtr snapshot_with(int devices_of_first) {
  plugin::DeviceSnapshot snapshot;
  for (int number = 0; number < kClasses; ++number) {
    plugin::ClassDevices& offered = snapshot.classes.emplace_back();
    offered.resource = resource_of(number);
    const int count = number == 0 ? devices_of_first : kDevicesPerClass;
    for (int i = 0; i < count; ++i) {
      offered.devices.push_back({.id = fmt::format("0000:{:02x}:{:02x}.{}", number, i / 8, i % 8),
                                 .port = fmt::format("0000:{:02x}:00.0", number),
                                 .numa_node = number % 2,
                                 .rdma_device = fmt::format("mlx5_{}", i),
                                 .char_devices = {fmt::format("uverbs{}", i)}});
    }
  }
  return std::make_shared<const plugin::DeviceSnapshot>(std::move(snapshot));
}

[[noreturn]] void give_up(const std::string& why) {
  fmt::print(stderr, "{}\n", why);
  std::exit(1);  // NOLINT(concurrency-mt-unsafe): a benchmark that cannot be made
}

double p99(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() * 99 / 100];
}

/// A kubelet and the plugin in a directory that goes with them.
class World {
 public:
  explicit World(FakeKubelet::Registry registry) : kubelet_(root_.path(), registry) {
    kubelet_.start();
  }

  World(const World&) = delete;
  World& operator=(const World&) = delete;

  ~World() {
    plugin_.reset();
    kubelet_.stop();
  }

  /// Seconds until the kubelet has every device of every class.
  double start() {
    return seconds([&] {
      plugin::Settings settings;
      settings.kubelet = {.device_plugins = kubelet_.device_plugins(),
                          .registry = kubelet_.registry()};
      settings.handover.device_info_dir = root_ / "devinfo";
      settings.cdi_dir = root_ / "cdi";
      auto started = plugin::DevicePlugin::start(settings, {});
      if (!started) give_up(started.error().message());
      plugin_ = *std::move(started);
      publish(kDevicesPerClass);
      wait_for_all();
    });
  }

  double restart_kubelet() {
    kubelet_.stop();
    return seconds([&] {
      kubelet_.start();
      wait_for_all();
    });
  }

  /// Seconds from a class's new device to the kubelet's list.
  double change(int devices) {
    return seconds([&] {
      publish(devices);
      wait_for(0, devices);
    });
  }

  double allocate(int number) {
    const int device = number / kClasses % kDevicesPerClass;
    const std::string id =
        fmt::format("0000:{:02x}:{:02x}.{}", number % kClasses, device / 8, device % 8);
    return seconds([&] {
      const auto given = kubelet_.allocate(resource_of(number % kClasses), {{id}});
      if (!given) give_up(given.error().message());
    });
  }

  /// The least that a call takes.
  double prefer_nothing() {
    return seconds([&] {
      if (!kubelet_.prefer(resource_of(0), {}, {}, 0)) give_up("no answer");
    });
  }

 private:
  void publish(int devices_of_first) {
    const Result<> published = plugin_->publish(snapshot_with(devices_of_first));
    if (!published) give_up(published.error().message());
  }

  void wait_for(int number, int devices) {
    const auto count = static_cast<std::size_t>(devices);
    if (!kubelet_.wait_healthy(resource_of(number), count)) give_up("the kubelet has no devices");
  }

  void wait_for_all() {
    for (int number = 0; number < kClasses; ++number) wait_for(number, kDevicesPerClass);
  }

  TempDir root_{TempDir::kInMemory};
  FakeKubelet kubelet_;
  std::unique_ptr<plugin::DevicePlugin> plugin_;
};

bool measure_starts() {
  std::vector<double> starts;
  std::vector<double> questions;
  starts.reserve(kRestarts);
  questions.reserve(kRestarts);
  for (int i = 0; i < kRestarts; ++i) {
    World world(FakeKubelet::Registry::watched);
    starts.push_back(world.start());
    world.prefer_nothing();  // The first opens a connection.
    questions.push_back(world.prefer_nothing());
  }
  World world(FakeKubelet::Registry::absent);
  world.start();
  std::vector<double> restarts;
  restarts.reserve(kRestarts);
  for (int i = 0; i < kRestarts; ++i) restarts.push_back(world.restart_kubelet());
  const bool first = print({.what = "device plugin: start to all registered, 256 VFs, 8 classes",
                            .measured = median(starts),
                            .reference = median(questions),
                            .reference_name = "empty call",
                            .most_ratio = 400});
  return print({.what = "device plugin: registered again after a kubelet restart",
                .measured = median(restarts),
                .reference = median(starts),
                .reference_name = "first start",
                .most_ratio = 5}) &&
         first;
}

bool measure_calls() {
  World world(FakeKubelet::Registry::watched);
  world.start();
  std::vector<double> allocations;
  allocations.reserve(kAllocations);
  for (int i = 0; i < kAllocations; ++i) allocations.push_back(world.allocate(i));
  std::vector<double> questions;
  questions.reserve(kAllocations);
  for (int i = 0; i < kAllocations; ++i) questions.push_back(world.prefer_nothing());
  std::vector<double> changes;
  changes.reserve(kChanges);
  for (int i = 0; i < kChanges; ++i) {
    changes.push_back(world.change(kDevicesPerClass - 1 + i % 2));
  }
  const bool first = print({.what = "device plugin: Allocate, p99 of 2000",
                            .measured = p99(allocations),
                            .reference = p99(questions),
                            .reference_name = "empty call",
                            .most_ratio = 4});
  return print({.what = "device plugin: class change to ListAndWatch, p99 of 100",
                .measured = p99(changes),
                .reference = p99(questions),
                .reference_name = "empty call",
                .most_ratio = 100}) &&
         first;
}

}  // namespace
}  // namespace sluice::bench

int main() {
  using namespace sluice::bench;  // NOLINT(google-build-using-namespace)
  // A 99th percentile is what the rest of the machine makes of it, unless we come first.
  constexpr int kFirst = -15;
  ::setpriority(PRIO_PROCESS, 0, kFirst);
  const bool started = measure_starts();
  return measure_calls() && started ? 0 : 1;
}
