#include "plugin/holdings_watch.h"

#include <poll.h>
#include <pthread.h>

#include <algorithm>
#include <utility>

namespace sluice::plugin {
namespace {

int milliseconds_until(Moment moment) {
  const auto left = std::max(moment - Moment::clock::now(), Moment::duration::zero());
  return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count());
}

}  // namespace

Result<std::unique_ptr<HoldingsWatch>> HoldingsWatch::start(Settings settings, Listener listener) {
  Wake wake = TRY(Wake::open());
  std::unique_ptr<HoldingsWatch> watch(
      new HoldingsWatch(std::move(settings), std::move(listener), std::move(wake)));
  watch->thread_ =
      std::jthread([self = watch.get()](const std::stop_token& stop) { self->run(stop); });
  // 15 letters at most (pthread_setname_np(3)).
  ::pthread_setname_np(watch->thread_.native_handle(), "holdings");
  return watch;
}

HoldingsWatch::HoldingsWatch(Settings settings, Listener listener, Wake wake)
    : settings_(std::move(settings)),
      listener_(std::move(listener)),
      wake_(std::move(wake)),
      kubelet_(settings_.socket),
      looks_({.first = settings_.first_look, .longest = settings_.period}) {}

HoldingsWatch::~HoldingsWatch() {
  thread_.request_stop();
  wake_.notify();
}

void HoldingsWatch::allocated(const std::string& resource, const std::vector<std::string>& ids) {
  {
    const std::lock_guard lock(mutex_);
    holdings_.allocated(resource, ids, Moment::clock::now());
  }
  notice();
}

void HoldingsWatch::notice() {
  {
    const std::lock_guard lock(mutex_);
    looks_.reset();
  }
  wake_.notify();
}

bool HoldingsWatch::unless_held(const DeviceKey& device, const std::function<void()>& action) {
  const std::lock_guard lock(mutex_);
  if (holdings_.holds(device)) return false;
  action();
  return true;
}

std::chrono::milliseconds HoldingsWatch::pause() {
  const std::lock_guard lock(mutex_);
  return looks_.next();
}

void HoldingsWatch::run(const std::stop_token& stop) {
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

void HoldingsWatch::look() {
  const Moment asked = Moment::clock::now();
  const Result<std::vector<PodDevice>> listed = kubelet_.devices(settings_.limit);
  if (!listed) {
    if (listener_.failed) listener_.failed(listed.error());
    return;
  }
  if (listener_.answered) listener_.answered();
  Holdings::Change change;
  bool is_first = false;
  {
    const std::lock_guard lock(mutex_);
    is_first = !std::exchange(has_looked_, true);
    change = holdings_.observe(*listed, asked);
  }
  if ((change.any() || is_first) && listener_.changed) listener_.changed(change);
}

std::optional<std::vector<DeviceKey>> HoldingsWatch::held() const {
  const std::lock_guard lock(mutex_);
  if (!has_looked_) return std::nullopt;
  return holdings_.all();
}

}  // namespace sluice::plugin
