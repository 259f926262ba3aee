#include "pkg/kube/retry.h"

#include <condition_variable>
#include <mutex>

namespace sluice {

void pause_for(std::chrono::milliseconds wait, const std::stop_token& stop) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any().wait_for(lock, stop, wait, [] { return false; });
}

std::optional<std::chrono::milliseconds> retry_delay(const Result<HttpAnswer>& answer,
                                                     Repeatable repeatable,
                                                     SpreadBackoff& backoff) {
  if (!answer) {
    const bool not_sent = answer.error().code() == Code::busy;
    const bool unknown = answer.error().code() == Code::timed_out;
    if (not_sent || (unknown && repeatable == Repeatable::yes)) return backoff.next();
    return std::nullopt;
  }
  const bool overload = answer->status == 429;
  const bool trouble = answer->status >= 500;
  if ((overload || trouble) && answer->retry_after) return *answer->retry_after;
  if (overload || (trouble && repeatable == Repeatable::yes)) return backoff.next();
  return std::nullopt;
}

}  // namespace sluice
