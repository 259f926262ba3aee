#include "pkg/rpc/relay.h"

#include <unistd.h>

#include <utility>

#include "pkg/rpc/unix_server.h"

namespace sluice {

void Relay::hand_over(Successor successor) {
  std::unique_lock lock(mutex_);
  successor_ = std::move(successor);
  has_handed_over_ = true;
  left_.wait(lock, [this] { return inside_ == 0; });
}

bool Relay::enter() {
  const std::lock_guard lock(mutex_);
  if (has_handed_over_) return false;
  ++inside_;
  return true;
}

void Relay::leave() {
  {
    const std::lock_guard lock(mutex_);
    --inside_;
  }
  left_.notify_all();
}

bool Relay::is_served(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0 && !is_stale_socket(path);
}

bool Relay::may_try_again(const grpc::ServerContext& context, Time end) {
  constexpr std::chrono::milliseconds kPause{10};
  if (context.IsCancelled() || std::chrono::system_clock::now() + kPause > end) return false;
  std::this_thread::sleep_for(kPause);
  return true;
}

}  // namespace sluice
