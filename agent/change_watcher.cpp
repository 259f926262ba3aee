#include "agent/change_watcher.h"

#include <poll.h>
#include <pthread.h>

#include <array>
#include <chrono>
#include <memory>
#include <utility>

namespace sluice {
namespace {

constexpr int kPeriodMs = 1000;

pollfd readable(int fd) {
  return {.fd = fd, .events = POLLIN, .revents = 0};
}

}  // namespace

pollfd ChangeWatcher::Watched::waited() const {
  return readable(watch ? watch->fd() : -1);  // -1 is left out (poll(2)).
}

bool ChangeWatcher::Watched::look() {
  if (!watch) {
    Result<Watch> opened = Watch::open(directory);
    if (!opened) return false;
    watch = std::move(*opened);
    return true;  // What happened before is unseen.
  }
  const Result<DirectoryChanges> changes = watch->drain();
  if (!changes || changes->gone) watch.reset();
  return !changes || changes->any();
}

Result<std::unique_ptr<ChangeWatcher>> ChangeWatcher::start(const EventFd& wake,
                                                            Directories directories, Calls calls) {
  Monitor monitor = TRY(Monitor::open());
  std::unique_ptr<ChangeWatcher> alarm(
      new ChangeWatcher(wake, std::move(monitor), std::move(directories), std::move(calls)));
  alarm->thread_ =
      std::jthread([self = alarm.get()](const std::stop_token& stop) { self->run(stop); });
  ::pthread_setname_np(alarm->thread_.native_handle(), "alarm");
  return alarm;
}

ChangeWatcher::ChangeWatcher(const EventFd& wake, Monitor monitor, Directories directories,
                             Calls calls)
    : wake_(wake),
      monitor_(std::move(monitor)),
      config_{.directory = std::move(directories.config), .watch = {}},
      lanes_{.directory = std::move(directories.lanes), .watch = {}},
      offers_{.directory = std::move(directories.offers), .watch = {}},
      calls_(std::move(calls)) {}

ChangeWatcher::~ChangeWatcher() {
  thread_.request_stop();
  wake_.notify();
}

void ChangeWatcher::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    look();
    wait();
  }
}

void ChangeWatcher::wait() {
  std::array<pollfd, 5> waited = {readable(wake_.fd()), readable(monitor_.fd()), config_.waited(),
                                  lanes_.waited(), offers_.waited()};
  const auto start = std::chrono::steady_clock::now();
  ::poll(waited.data(), waited.size(), kPeriodMs);
  // In a flood the next ones are there already, or come at once.
  if (std::chrono::steady_clock::now() - start >= kFirstRest) rests_.reset();
  // The others are worth an answer at once, and may come meanwhile.
  const bool is_flood = (waited[1].revents | waited[3].revents | waited[4].revents) != 0;
  const bool is_urgent = (waited[0].revents | waited[2].revents) != 0;
  std::array<pollfd, 2> urgent = {waited[0], waited[2]};
  if (!is_flood || is_urgent) return;
  ::poll(urgent.data(), urgent.size(), static_cast<int>(rests_.next().count()));
}

void ChangeWatcher::look() {
  pollfd woken = readable(wake_.fd());
  bool something = ::poll(&woken, 1, 0) > 0;
  wake_.drain();
  const Result<Changes> changes = monitor_.drain();
  const bool hardware = !changes || changes->any();
  if (hardware && calls_.hardware) calls_.hardware();
  const bool lanes = lanes_.look();
  if (lanes && calls_.lanes) calls_.lanes();
  const bool config = config_.look();
  const bool offers = offers_.look();
  something = something || hardware || lanes || config || offers;
  if (something || calls_.is_due()) calls_.something();
}

}  // namespace sluice
