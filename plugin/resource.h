#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "pkg/rpc/latest_streams.h"
#include "plugin/allocate_response.h"
#include "plugin/device.h"
#include "plugin/hooks.h"
#include "proto/deviceplugin_v1beta1.grpc.pb.h"

namespace sluice::plugin {

/// The ListAndWatch streams of one resource.
using DeviceLists = LatestStreams<v1beta1::ListAndWatchResponse>;

/// Where and how devices are handed over.
struct HandoverSettings {
  Handover handover = Handover::cdi;
  /// /var/run/k8s.cni.cncf.io/devinfo/dp on a node (device-info specification); empty: no files.
  std::string device_info_dir;
};

/// One extended resource as the kubelet calls it. Answers from the snapshot that was last
/// published, in gRPC's threads, any number at once. Unary calls take a thread each, streams none.
class Resource final : public v1beta1::DevicePlugin::WithCallbackMethod_ListAndWatch<
                           v1beta1::DevicePlugin::Service> {
 public:
  /// `streams_changed` as in DeviceLists.
  Resource(std::string name, HandoverSettings settings, const Hooks& hooks,
           std::function<void()> streams_changed)
      : name_(std::move(name)),
        settings_(std::move(settings)),
        hooks_(hooks),
        lists_(std::move(streams_changed)) {}

  const std::string& name() const { return name_; }

  /// Answers are made from `snapshot` from now on; the streams get the new list when it differs.
  void publish(DeviceSnapshotPtr snapshot);

  DeviceLists& lists() { return lists_; }

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
  DeviceSnapshotPtr snapshot() const;
  Result<> allocate(const v1beta1::AllocateRequest& request, v1beta1::AllocateResponse& response);
  void note_nodes(const std::vector<const Device*>& devices) const;
  void write_device_info(const std::vector<const Device*>& devices) const;

  std::string name_;
  HandoverSettings settings_;
  const Hooks& hooks_;
  DeviceLists lists_;
  mutable std::mutex mutex_;  // Guards snapshot_ and list_.
  DeviceSnapshotPtr snapshot_;
  std::string list_;  // As sent, for comparison.
};

/// What every DevicePlugin answers to GetDevicePluginOptions, and says when it registers.
v1beta1::DevicePluginOptions plugin_options();

}  // namespace sluice::plugin
