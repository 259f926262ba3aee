#include "pkg/kubelet/allocation_watch.h"

#include <poll.h>
#include <pthread.h>
#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "pkg/kubelet/device_checkpoint.h"

namespace sluice {
namespace {

int milliseconds_until(Moment moment) {
  const auto left = std::max(moment - Moment::clock::now(), Moment::duration::zero());
  return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count());
}

}  // namespace

Result<std::unique_ptr<AllocationWatch>> AllocationWatch::start(Settings settings,
                                                                Listener listener) {
  EventFd wake = TRY(EventFd::open());
  std::unique_ptr<AllocationWatch> watch(
      new AllocationWatch(std::move(settings), std::move(listener), std::move(wake)));
  watch->thread_ =
      std::jthread([self = watch.get()](const std::stop_token& stop) { self->run(stop); });
  // 15 letters at most (pthread_setname_np(3)).
  ::pthread_setname_np(watch->thread_.native_handle(), "allocations");
  return watch;
}

AllocationWatch::AllocationWatch(Settings settings, Listener listener, EventFd wake)
    : settings_(std::move(settings)),
      listener_(std::move(listener)),
      wake_(std::move(wake)),
      kubelet_(settings_.socket),
      looks_({.first = settings_.first_look, .longest = settings_.period}) {}

AllocationWatch::~AllocationWatch() {
  thread_.request_stop();
  wake_.notify();
}

void AllocationWatch::allocated(const std::string& resource, const std::vector<std::string>& ids) {
  {
    const std::lock_guard lock(mutex_);
    allocations_.allocated(resource, ids, Moment::clock::now());
  }
  notice();
}

void AllocationWatch::notice() {
  {
    const std::lock_guard lock(mutex_);
    looks_.reset();
  }
  wake_.notify();
}

bool AllocationWatch::unless_held(const DeviceKey& device, const std::function<void()>& action) {
  const std::lock_guard lock(mutex_);
  if (allocations_.holds(device)) return false;
  action();
  return true;
}

std::chrono::milliseconds AllocationWatch::pause() {
  const std::lock_guard lock(mutex_);
  return looks_.next();
}

void AllocationWatch::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    look();
    Moment next = Moment::clock::now() + pause();
    pollfd waited{.fd = wake_.fd(), .events = POLLIN, .revents = 0};
    // Woken, it waits a little more, for what it was woken for has only just begun; and however
    // often it is woken, it looks when it was going to.
    while (::poll(&waited, 1, milliseconds_until(next)) > 0 && !stop.stop_requested()) {
      wake_.drain();
      next = std::min(next, Moment::clock::now() + pause());
    }
  }
}

// The kubelet makes its socket when it starts. A clock that was set back since leaves the socket in
// the future, and that says nothing of its age.
Allocations::Listing AllocationWatch::listing() const {
  struct stat socket {};
  if (::stat(settings_.socket.c_str(), &socket) != 0) return Allocations::Listing::partial;
  const auto age = std::chrono::system_clock::now() -
                   std::chrono::system_clock::from_time_t(socket.st_mtim.tv_sec);
  const bool is_young = age >= std::chrono::seconds(0) && age < kReadmission;
  return is_young ? Allocations::Listing::partial : Allocations::Listing::whole;
}

// Its file is read only where it tells more than the list: an init container's VF is rare.
std::set<DeviceKey> AllocationWatch::kept() const {
  std::set<DeviceKey> keys;
  {
    const std::lock_guard lock(mutex_);
    if (!allocations_.any_unlisted()) return keys;
  }
  const auto kept = read_device_checkpoint(settings_.checkpoint);
  if (!kept) return keys;
  for (const CheckpointDevice& each : *kept) keys.insert({each.resource, each.id});
  return keys;
}

void AllocationWatch::look() {
  const Moment asked = Moment::clock::now();
  const Result<std::vector<PodDevice>> listed = kubelet_.devices(settings_.limit);
  // Only now: a kubelet that started meanwhile may be the one that has answered.
  const Allocations::Listing list = listing();
  if (!listed) {
    if (listener_.failed) listener_.failed(listed.error());
    return;
  }
  if (listener_.answered) listener_.answered();
  const std::set<DeviceKey> by_checkpoint = kept();
  Allocations::Change change;
  bool is_first = false;
  {
    const std::lock_guard lock(mutex_);
    is_first = !has_looked_ && list == Allocations::Listing::whole;
    has_looked_ = has_looked_ || is_first;
    change = allocations_.observe(
        {.listed = *listed, .asked = asked, .listing = list, .kept = by_checkpoint});
  }
  if ((change.any() || is_first) && listener_.changed) listener_.changed(change);
}

std::optional<std::vector<DeviceKey>> AllocationWatch::held() const {
  const std::lock_guard lock(mutex_);
  if (!has_looked_) return std::nullopt;
  return allocations_.all();
}

}  // namespace sluice
