#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <map>
#include <mutex>
#include <stop_token>
#include <thread>

namespace sluice {

/// Shuts down connections that are waited for too long. libmicrohttpd's own time limit begins again
/// with every byte, so that a byte now and then would keep a connection for ever. Thread-safe; the
/// inside of HttpServer.
class Deadlines final {
 public:
  using Clock = std::chrono::steady_clock;

  /// `limit`, above zero, is how long a peer is waited for. At most `most` are at once: one more
  /// shuts down the one that has been waited for longest, so that slow peers can't keep others out.
  Deadlines(Clock::duration limit, std::size_t most);

  Deadlines(const Deadlines&) = delete;
  Deadlines& operator=(const Deadlines&) = delete;
  ~Deadlines() = default;

  /// The peer has from `now` on for its request to arrive, or to take its answer.
  void begin(int socket, Clock::time_point now = Clock::now());

  /// The peer is not waited for; also before the socket is closed.
  void end(int socket);

  /// Shuts down what is late. When to look again: nothing that begins later is late before.
  Clock::time_point shut_late(Clock::time_point now);

 private:
  void run(const std::stop_token& stop);

  const Clock::duration limit_;
  const std::size_t most_;
  std::mutex mutex_;                      // Guards due_.
  std::map<int, Clock::time_point> due_;  // By socket.
  std::condition_variable_any never_;     // Ends a wait with the thread's stop.
  std::jthread thread_;                   // Last: it uses all of the above.
};

}  // namespace sluice
