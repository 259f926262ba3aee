#include "pkg/rpc/channel.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

namespace sluice {

std::shared_ptr<grpc::Channel> unix_channel(const std::string& path) {
  grpc::ChannelArguments arguments;
  constexpr int kLargestAnswer = 16 << 20;
  arguments.SetMaxReceiveMessageSize(kLargestAnswer);
  // Else channels to one path share a connection, and the wait before it is tried again.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel("unix:" + path, grpc::InsecureChannelCredentials(), arguments);
}

}  // namespace sluice
