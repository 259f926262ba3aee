#include "pkg/http/deadlines.h"

#include <pthread.h>
#include <sys/socket.h>

#include <algorithm>

namespace sluice {

Deadlines::Deadlines(Clock::duration limit, std::size_t most)
    : limit_(limit), most_(most), thread_([this](const std::stop_token& stop) { run(stop); }) {
  ::pthread_setname_np(thread_.native_handle(), "http-deadlines");
}

void Deadlines::begin(int socket, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  due_[socket] = now + limit_;
  if (due_.size() <= most_) return;
  const auto longest =
      std::ranges::min_element(due_, {}, [](const auto& each) { return each.second; });
  ::shutdown(longest->first, SHUT_RDWR);  // The connection's thread reads its end and closes it.
  due_.erase(longest);
}

void Deadlines::end(int socket) {
  const std::lock_guard lock(mutex_);
  due_.erase(socket);
}

Deadlines::Clock::time_point Deadlines::shut_late(Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  Clock::time_point next = now + limit_;
  std::erase_if(due_, [&](const auto& each) {
    const auto& [socket, due] = each;
    if (due <= now) {
      ::shutdown(socket, SHUT_RDWR);
      return true;
    }
    next = std::min(next, due);
    return false;
  });
  return next;
}

void Deadlines::run(const std::stop_token& stop) {
  std::mutex unused;
  std::unique_lock lock(unused);
  while (!stop.stop_requested()) {
    never_.wait_until(lock, stop, shut_late(Clock::now()), [] { return false; });
  }
}

}  // namespace sluice
