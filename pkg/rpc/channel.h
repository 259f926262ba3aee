#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "pkg/base/result.h"
#include "pkg/rpc/status.h"

namespace sluice {

/// A channel to a server on a Unix socket, with a connection of its own, made at the first call. A
/// channel whose server went away waits ever longer before it connects again (up to two minutes):
/// where a restart is noticed otherwise, make a new one.
///
/// Takes answers of up to 16 MiB, which is what the kubelet's other clients take (gRPC's default of
/// 4 MiB is too little for its list of pod resources). Sends no pings: the kubelet's servers close
/// connections that do.
std::shared_ptr<grpc::Channel> unix_channel(const std::string& path);

/// One unary call that takes `limit` at most, the connection included: timed_out after that, busy
/// when no process serves the socket. `attempt` says what for.
template <typename Stub, typename Request, typename Response>
Result<Response> call(Stub& stub,
                      grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                      const Request& request, std::chrono::milliseconds limit,
                      std::string_view attempt) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + limit);
  Response response;
  const grpc::Status status = (stub.*method)(&context, request, &response);
  if (!status.ok()) return to_error(status, attempt);
  return response;
}

}  // namespace sluice
