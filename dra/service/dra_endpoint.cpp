#include "dra/service/dra_endpoint.h"

#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "dra/service/serving.h"
#include "pkg/fs/atomic_file.h"
#include "pkg/fs/watch.h"
#include "pkg/kubelet/sockets.h"

namespace sluice::dra {
namespace {

// While a directory is missing or a socket cannot be made, and as a net under lost events.
constexpr std::chrono::seconds kLookAgain{1};

/// A directory that may come and go.
class Watched {
 public:
  explicit Watched(std::string path) : path_(std::move(path)) {}

  /// Opens it when it is not and is there.
  void open() {
    if (watch_) return;
    if (Result<Watch> opened = Watch::open(path_)) watch_ = *std::move(opened);
  }

  int fd() const { return watch_ ? watch_->fd() : -1; }  // poll(2) skips what is negative.

  void drain() {
    if (!watch_) return;
    const Result<DirectoryChanges> changes = watch_->drain();
    if (!changes || changes->gone) watch_.reset();
  }

 private:
  std::string path_;
  std::optional<Watch> watch_;
};

int milliseconds_until(std::chrono::steady_clock::time_point moment) {
  const auto left = moment - std::chrono::steady_clock::now();
  return static_cast<int>(
      std::max<std::int64_t>(0, std::chrono::ceil<std::chrono::milliseconds>(left).count()));
}

}  // namespace

Result<std::unique_ptr<DraEndpoint>> DraEndpoint::start(
    EndpointSettings settings, ClaimHandler& handler, const Log& log,
    std::function<void(const std::string& problem)> told) {
  EventFd wake = TRY(EventFd::open());
  std::unique_ptr<DraEndpoint> endpoint(
      new DraEndpoint(std::move(settings), handler, log, std::move(told), std::move(wake)));
  endpoint->thread_ =
      std::jthread([self = endpoint.get()](const std::stop_token& stop) { self->run(stop); });
  // 15 letters at most (pthread_setname_np(3)).
  ::pthread_setname_np(endpoint->thread_.native_handle(), "dra-registrar");
  return endpoint;
}

DraEndpoint::DraEndpoint(EndpointSettings settings, ClaimHandler& handler, const Log& log,
                         std::function<void(const std::string&)> told, EventFd wake)
    : settings_(std::move(settings)),
      place_(std::make_unique<MeetingPlace>(
          MeetingPlace{.driver = settings_.driver,
                       .directory = settings_.kubelet_dir + "/plugins/" + settings_.driver,
                       .registry = settings_.kubelet_dir + "/plugins_registry"})),
      calls_(std::make_unique<ClaimCalls>(handler, log)),
      told_(std::move(told)),
      wake_(std::move(wake)),
      backoff_(settings_.retries),
      next_health_(Moment::clock::now() + settings_.health_period) {}

DraEndpoint::~DraEndpoint() {
  end_thread();
  if (serving_ != nullptr) serving_->stop(settings_.last_calls);
}

void DraEndpoint::end_thread() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  wake_.notify();
  thread_.join();
}

void DraEndpoint::hand_over() {
  end_thread();
  const MadeSocket own = serving_ == nullptr ? MadeSocket() : made_socket(serving_->path());
  calls_->relay().hand_over(
      [directory = place_->directory, own] { return newest_socket(directory, kSocketName, own); });
}

void DraEndpoint::publish(HealthBook book) {
  {
    const std::lock_guard lock(mutex_);
    book_ = std::move(book);
  }
  send_health();
}

void DraEndpoint::send_health() {
  std::shared_ptr<Serving> serving;
  HealthBook book;
  {
    const std::lock_guard lock(mutex_);
    serving = serving_;
    book = book_;
  }
  if (serving != nullptr) serving->publish(book);
}

void DraEndpoint::run(const std::stop_token& stop) {
  Watched registry(place_->registry);
  Watched own(place_->directory);
  while (!stop.stop_requested()) {
    // Before the look at what is there, so that no change after it is missed.
    registry.open();
    own.open();
    const Moment next = advance(Moment::clock::now());
    std::array<pollfd, 3> waited = {pollfd{.fd = wake_.fd(), .events = POLLIN, .revents = 0},
                                    pollfd{.fd = registry.fd(), .events = POLLIN, .revents = 0},
                                    pollfd{.fd = own.fd(), .events = POLLIN, .revents = 0}};
    ::poll(waited.data(), waited.size(), milliseconds_until(next));
    wake_.drain();
    registry.drain();
    own.drain();
  }
}

DraEndpoint::Moment DraEndpoint::advance(Moment now) {
  const bool is_there = serving_ != nullptr && serving_->is_reachable();
  const bool is_accepted = is_there && serving_->is_accepted();
  if (is_accepted) backoff_.reset();
  // Without a registry there is no kubelet yet.
  const bool can_register = ::access(place_->registry.c_str(), F_OK) == 0;
  if (can_register && (!is_there || (!is_accepted && now >= next_try_))) serve(now);
  if (now >= next_health_) {
    next_health_ = now + settings_.health_period;
    send_health();
  }
  return is_accepted ? next_health_ : std::min(next_health_, now + kLookAgain);
}

// The new one serves before the old one ends, which may have calls under way.
void DraEndpoint::serve(Moment now) {
  HealthBook book;
  {
    const std::lock_guard lock(mutex_);
    book = book_;
  }
  // What cannot be swept away does no harm.
  static_cast<void>(remove_stale_sockets(place_->registry, {place_->driver + "/"}));
  const auto start = [this, &book]() -> Result<std::unique_ptr<Serving>> {
    TRY(make_directories(place_->directory));
    static_cast<void>(remove_stale_sockets(place_->directory, {kSocketName}));
    return Serving::start(*place_, *calls_, book,
                          [this](const std::string& refusal) { tell(refusal); });
  };
  Result<std::unique_ptr<Serving>> started = start();
  if (!started) {
    tell(started.error().message());
    return;
  }
  std::shared_ptr<Serving> old;
  {
    const std::lock_guard lock(mutex_);
    old = std::exchange(serving_, *std::move(started));
  }
  next_try_ = now + backoff_.next();
  wake_.notify();  // To watch a directory that was made here.
  send_health();   // Something may have been published since.
  if (old != nullptr) old->stop(settings_.last_calls);
}

void DraEndpoint::tell(const std::string& problem) {
  {
    const std::lock_guard lock(mutex_);
    if (last_told_ == problem) return;
    last_told_ = problem;
  }
  told_(problem);
}

}  // namespace sluice::dra
