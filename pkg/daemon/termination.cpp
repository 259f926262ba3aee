#include "pkg/daemon/termination.h"

#include <pthread.h>

#include <condition_variable>
#include <cstdlib>
#include <mutex>

namespace sluice {

Termination::Termination() {
  ::sigemptyset(&signals_);
  ::sigaddset(&signals_, SIGTERM);
  ::sigaddset(&signals_, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &signals_, &before_);
  thread_ = std::jthread([this] { run(); });
}

Termination::~Termination() {
  is_over_ = true;
  ::pthread_kill(thread_.native_handle(), SIGINT);  // Blocked everywhere: it ends the sigwait().
  thread_.join();
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void Termination::wait() const {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any().wait(lock, stop_.get_token(), [] { return false; });
}

void Termination::run() {
  ::pthread_setname_np(::pthread_self(), "signals");
  for (bool stopping = false;; stopping = true) {
    int signal = 0;
    ::sigwait(&signals_, &signal);
    if (is_over_) return;
    if (stopping) std::_Exit(1);
    stop_.request_stop();
  }
}

}  // namespace sluice
