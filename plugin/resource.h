#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "pkg/rpc/latest_streams.h"
#include "pkg/rpc/relay.h"
#include "plugin/answers.h"
#include "plugin/hooks.h"
#include "proto/deviceplugin_v1beta1.grpc.pb.h"

namespace sluice::plugin {

/// The ListAndWatch streams of one resource.
using DeviceLists = LatestStreams<v1beta1::ListAndWatchResponse>;

/// One extended resource as the kubelet calls it: its Answers, in gRPC's threads, any number at
/// once. Unary calls take a thread each, streams none.
class Resource final : public v1beta1::DevicePlugin::WithCallbackMethod_ListAndWatch<
                           v1beta1::DevicePlugin::Service> {
 public:
  /// `hooks` must outlive this object. `streams_changed` as in DeviceLists.
  Resource(std::string name, std::shared_ptr<Answers> answers, const Hooks& hooks,
           std::function<void()> streams_changed)
      : name_(std::move(name)),
        answers_(std::move(answers)),
        hooks_(hooks),
        lists_(std::move(streams_changed)) {}

  const std::string& name() const { return name_; }

  /// The streams get the list of the answers when it differs from the one they have.
  void publish();

  DeviceLists& lists() { return lists_; }

  /// Of the calls that may write. The others are answered from memory.
  Relay& relay() { return relay_; }

  grpc::Status GetDevicePluginOptions(grpc::ServerContext* context, const v1beta1::Empty* request,
                                      v1beta1::DevicePluginOptions* response) override;
  grpc::ServerWriteReactor<v1beta1::ListAndWatchResponse>* ListAndWatch(
      grpc::CallbackServerContext* context, const v1beta1::Empty* request) override;
  grpc::Status GetPreferredAllocation(grpc::ServerContext* context,
                                      const v1beta1::PreferredAllocationRequest* request,
                                      v1beta1::PreferredAllocationResponse* response) override;
  grpc::Status Allocate(grpc::ServerContext* context, const v1beta1::AllocateRequest* request,
                        v1beta1::AllocateResponse* response) override;
  grpc::Status PreStartContainer(grpc::ServerContext* context,
                                 const v1beta1::PreStartContainerRequest* request,
                                 v1beta1::PreStartContainerResponse* response) override;

 private:
  grpc::Status answer_allocate(const v1beta1::AllocateRequest& request,
                               v1beta1::AllocateResponse& response);
  grpc::Status answer_pre_start(const v1beta1::PreStartContainerRequest& request);
  Result<> allocate(const v1beta1::AllocateRequest& request, v1beta1::AllocateResponse& response);

  std::string name_;
  std::shared_ptr<Answers> answers_;
  const Hooks& hooks_;
  Relay relay_;
  DeviceLists lists_;
  std::mutex mutex_;                 // Guards list_.
  std::optional<std::string> list_;  // As sent, for comparison.
};

/// What every DevicePlugin answers to GetDevicePluginOptions, and says when it registers.
v1beta1::DevicePluginOptions plugin_options();

}  // namespace sluice::plugin
