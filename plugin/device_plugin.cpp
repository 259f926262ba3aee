#include "plugin/device_plugin.h"

#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "pkg/fs/atomic_file.h"
#include "pkg/fs/watch.h"
#include "pkg/kubelet/sockets.h"
#include "plugin/choose.h"

namespace sluice::plugin {
namespace {

// While a directory that should be watched is missing, and as a net under lost events.
constexpr std::chrono::seconds kLookAgain{1};
constexpr std::chrono::seconds kPeriod{30};

// An instance that has handed over ends its streams within a moment, and the kubelet looks for
// removed sockets once a second.
constexpr std::chrono::seconds kExpectLoss{10};

int milliseconds_until(Moment moment, Moment now) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(
      std::clamp<Moment::duration>(moment - now, Moment::duration::zero(), kPeriod));
  return static_cast<int>(left.count());
}

Mode mode_of(const KubeletDirectories& directories) {
  return ::access(directories.registry.c_str(), F_OK) == 0 ? Mode::registry : Mode::legacy;
}

/// The directory in which the sockets lie, held for as long as it is there.
class WatchedDirectory {
 public:
  explicit WatchedDirectory(const KubeletDirectories& directories) : directories_(directories) {}

  Mode mode() const { return mode_; }

  bool is_open() const { return watch_.has_value(); }

  int fd() const { return watch_ ? watch_->fd() : -1; }  // poll(2) skips what is negative.

  const std::string& path() const {
    return mode_ == Mode::registry ? directories_.registry : directories_.device_plugins;
  }

  /// Opens it when it is not, after deciding again which one it is. Whether it was.
  bool open() {
    if (watch_) return false;
    mode_ = mode_of(directories_);
    Result<Watch> opened = Watch::open(path());
    if (!opened) return false;
    watch_ = *std::move(opened);
    return true;
  }

  void drain() {
    if (!watch_) return;
    const Result<DirectoryChanges> changes = watch_->drain();
    if (!changes || changes->gone) watch_.reset();
  }

 private:
  const KubeletDirectories& directories_;
  Mode mode_ = Mode::legacy;
  std::optional<Watch> watch_;
};

}  // namespace

Result<std::unique_ptr<DevicePlugin>> DevicePlugin::start(Settings settings, Hooks hooks) {
  EventFd wake = TRY(EventFd::open());
  std::unique_ptr<DevicePlugin> plugin(
      new DevicePlugin(std::move(settings), std::move(hooks), std::move(wake)));
  plugin->thread_ =
      std::jthread([self = plugin.get()](const std::stop_token& stop) { self->run(stop); });
  // 15 letters at most (pthread_setname_np(3)).
  ::pthread_setname_np(plugin->thread_.native_handle(), "registrar");
  return plugin;
}

DevicePlugin::DevicePlugin(Settings settings, Hooks hooks, EventFd wake)
    : settings_(std::move(settings)),
      hooks_(std::move(hooks)),
      wake_(std::move(wake)),
      cdi_(settings_.cdi_dir) {}

DevicePlugin::~DevicePlugin() {
  thread_.request_stop();
  wake_.notify();
}

Result<> DevicePlugin::publish(const DeviceSnapshotPtr& snapshot) {
  TRY(check(*snapshot));
  if (settings_.handover.handover == Handover::cdi) {
    TRY(cdi_.write(cdi_spec(*snapshot, settings_.memlock_hook)));
    note_nodes(*snapshot);
  }
  std::map<std::string, Class> served;
  for (const ClassDevices& offered : snapshot->classes) {
    Class of_class = class_of(offered.resource);
    of_class.answers->take_over(snapshot);
    of_class.resource->publish();
    served.emplace(offered.resource, std::move(of_class));
  }
  {
    const std::lock_guard lock(mutex_);
    classes_ = std::move(served);
    has_published_ = true;
  }
  wake_.notify();
  return {};
}

std::shared_ptr<Resource> DevicePlugin::make(const std::string& name,
                                             std::shared_ptr<Answers> answers) {
  return std::make_shared<Resource>(name, std::move(answers), hooks_, [this] { wake_.notify(); });
}

DevicePlugin::Class DevicePlugin::class_of(const std::string& name) {
  {
    const std::lock_guard lock(mutex_);
    const auto known = classes_.find(name);
    if (known != classes_.end()) return known->second;
  }
  const auto answers = std::make_shared<ClassAnswers>(name, settings_.handover, hooks_);
  return {.answers = answers, .resource = make(name, answers)};
}

void DevicePlugin::serve(const std::string& resource, std::shared_ptr<Answers> answers) {
  const std::shared_ptr<Resource> served = make(resource, std::move(answers));
  served->publish();
  {
    const std::lock_guard lock(mutex_);
    others_.emplace(resource, served);
  }
  wake_.notify();
}

void DevicePlugin::withdraw(const std::string& resource) {
  {
    const std::lock_guard lock(mutex_);
    others_.erase(resource);
  }
  wake_.notify();
}

void DevicePlugin::note_nodes(const DeviceSnapshot& snapshot) {
  std::map<std::string, std::vector<std::string>> given;
  for (const ClassDevices& offered : snapshot.classes) {
    for (const Device& device : offered.devices) {
      const auto before = given_nodes_.find(device.id);
      const bool is_news = before == given_nodes_.end() || before->second != device.char_devices;
      if (is_news && !hooks_.note_nodes(offered.resource, device)) continue;
      given.emplace(device.id, device.char_devices);
    }
  }
  given_nodes_ = std::move(given);
}

Result<> DevicePlugin::released(const DeviceKey& device) const {
  if (settings_.handover.device_info_dir.empty()) return {};
  return remove_file(fmt::format("{}/{}", settings_.handover.device_info_dir,
                                 device_info_name(device.resource, device.id)));
}

bool DevicePlugin::is_registered() const {
  const Resources all = resources();
  const std::lock_guard lock(mutex_);
  return has_published_ && std::ranges::all_of(all, [](const auto& entry) {
           return entry.second->lists().open_streams() > 0;
         });
}

void DevicePlugin::expect_loss() {
  const std::lock_guard lock(mutex_);
  prompt_until_ = Moment::clock::now() + kExpectLoss;
}

void DevicePlugin::hand_over() {
  thread_.request_stop();
  wake_.notify();
  thread_.join();
  for (const auto& [name, endpoint] : endpoints_) endpoint->hand_over();
}

DevicePlugin::Resources DevicePlugin::resources() const {
  const std::lock_guard lock(mutex_);
  Resources all = others_;
  for (const auto& [name, of_class] : classes_) all.emplace(name, of_class.resource);
  return all;
}

void DevicePlugin::run(const std::stop_token& stop) {
  WatchedDirectory directory(settings_.kubelet);
  Moment next_sweep;
  while (!stop.stop_requested()) {
    if (directory.open()) {  // Perhaps another directory than before.
      endpoints_.clear();
      next_sweep = Moment();
    }
    Moment next = Moment::clock::now() + kLookAgain;
    if (directory.is_open()) {
      const Resources wanted = resources();
      if (!wanted.empty() && Moment::clock::now() >= next_sweep) {
        sweep(directory.path(), wanted);
        next_sweep = Moment::clock::now() + kPeriod;
      }
      next = advance_all(wanted, directory.mode());
    }
    std::array<pollfd, 2> waited = {pollfd{.fd = wake_.fd(), .events = POLLIN, .revents = 0},
                                    pollfd{.fd = directory.fd(), .events = POLLIN, .revents = 0}};
    ::poll(waited.data(), waited.size(), milliseconds_until(next, Moment::clock::now()));
    wake_.drain();
    directory.drain();
  }
}

void DevicePlugin::sweep(const std::string& directory, const Resources& wanted) const {
  std::set<std::string> domains;  // "sluice.dev/"
  for (const auto& [name, resource] : wanted) domains.insert(name.substr(0, name.find('/') + 1));
  const Result<> swept = remove_stale_sockets(directory, domains);
  if (!swept) hooks_.tell({.event = Event::trouble, .text = swept.error().message()});
}

Moment DevicePlugin::advance_all(const Resources& wanted, Mode mode) {
  Moment prompt_until;
  {
    const std::lock_guard lock(mutex_);
    prompt_until = prompt_until_;
  }
  std::erase_if(endpoints_, [&](const auto& entry) {
    const auto found = wanted.find(entry.first);
    return found == wanted.end() || found->second.get() != &entry.second->resource();
  });
  Moment next = Moment::max();
  for (const auto& [name, resource] : wanted) {
    std::unique_ptr<Endpoint>& endpoint = endpoints_[name];
    if (endpoint == nullptr) {
      endpoint =
          std::make_unique<Endpoint>(resource, settings_.kubelet, mode, hooks_, settings_.retries);
    }
    endpoint->expect_loss(prompt_until);
    // For each: a Register takes long enough for the next kubelet to start.
    const Result<std::optional<FileIdentity>> kubelet =
        identity_of(settings_.kubelet.device_plugins + "/kubelet.sock");
    next =
        std::min(next, endpoint->advance(kubelet ? *kubelet : std::nullopt, Moment::clock::now()));
  }
  return next;
}

}  // namespace sluice::plugin
