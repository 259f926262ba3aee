#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/server_context.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "pkg/rpc/channel.h"

namespace sluice {

/// Answers unary calls itself until it hands over, and from then on with what the server that took
/// over answers: a caller that knows only this one must not fail for it. Thread-safe.
class Relay {
 public:
  /// The socket of the server that took over; nullopt while there is none.
  using Successor = std::function<std::optional<std::string>()>;

  /// How long a call waits for that server and its answer where its caller sets no deadline. The
  /// kubelet sets none for an Allocate, and admits no other pod meanwhile.
  static constexpr std::chrono::seconds kLongestCall{30};

  Relay() = default;
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;
  ~Relay() = default;

  /// Returns when the calls that this process answers have ended. `successor` is called from the
  /// threads of later calls.
  void hand_over(Successor successor);

  /// What `own` returns, or what the other server answers to `method`.
  template <typename Stub, typename Request, typename Response, typename Own>
  grpc::Status answer(const grpc::ServerContext& context,
                      grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                      const Request& request, Response& response, const Own& own) {
    if (!enter()) return forward(context, method, request, response);
    const Leave leaving(*this);
    return own();
  }

 private:
  /// Ends a call of ours.
  class Leave {
   public:
    explicit Leave(Relay& relay) : relay_(relay) {}
    Leave(const Leave&) = delete;
    Leave& operator=(const Leave&) = delete;
    ~Leave() { relay_.leave(); }

   private:
    Relay& relay_;
  };

  using Time = std::chrono::system_clock::time_point;  // As gRPC's deadlines.

  /// Whether the call is ours; it is until leave() then.
  bool enter();
  void leave();

  /// Whether a process serves the socket.
  static bool is_served(const std::string& path);

  /// Waits a moment for the other server; false when the call has no more time.
  static bool may_try_again(const grpc::ServerContext& context, Time end);

  // A server that has just begun, or has died, is unavailable; one that is there before and after
  // the call may say the same, and then it is its answer.
  template <typename Stub, typename Request, typename Response>
  grpc::Status forward(const grpc::ServerContext& context,
                       grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                    Response*),
                       const Request& request, Response& response) const {
    const Time end = std::min(context.deadline(), std::chrono::system_clock::now() + kLongestCall);
    do {
      const std::optional<std::string> path = successor_();
      if (!path || !is_served(*path)) continue;
      Stub stub(unix_channel(*path));
      grpc::ClientContext call;
      call.set_deadline(end);
      grpc::Status status = (stub.*method)(&call, request, &response);
      if (status.error_code() != grpc::StatusCode::UNAVAILABLE || is_served(*path)) return status;
    } while (may_try_again(context, end));
    return {grpc::StatusCode::UNAVAILABLE, "the instance that took over does not answer"};
  }

  std::mutex mutex_;  // Guards those below; the successor is written once, before it is called.
  std::condition_variable left_;
  int inside_ = 0;
  bool has_handed_over_ = false;
  Successor successor_;
};

}  // namespace sluice
