#pragma once

#include <string>
#include <utility>

#include "plugin/notes.h"
#include "proto/pluginregistration_v1.grpc.pb.h"

namespace sluice::plugin {

/// Tells the kubelet that finds the socket in plugins_registry which resource it serves. Answers at
/// once, in gRPC's threads.
class Introduction final : public pluginregistration::Registration::Service {
 public:
  /// `socket` is the path of the socket that serves, an absolute one.
  Introduction(std::string resource, std::string socket, const Hooks& hooks)
      : resource_(std::move(resource)), socket_(std::move(socket)), hooks_(hooks) {}

  grpc::Status GetInfo(grpc::ServerContext* /*context*/,
                       const pluginregistration::InfoRequest* /*request*/,
                       pluginregistration::PluginInfo* response) override {
    response->set_type("DevicePlugin");
    response->set_name(resource_);
    response->set_endpoint(socket_);
    response->add_supported_versions("v1beta1");
    return grpc::Status::OK;
  }

  /// After a refusal the kubelet asks again by itself, and the socket is made anew if it does not.
  grpc::Status NotifyRegistrationStatus(
      grpc::ServerContext* /*context*/, const pluginregistration::RegistrationStatus* request,
      pluginregistration::RegistrationStatusResponse* /*response*/) override {
    const bool taken = request->plugin_registered();
    hooks_.tell({.event = taken ? Event::registered : Event::registration_failed,
                 .resource = resource_,
                 .text = taken ? "" : "the kubelet refused: " + request->error()});
    return grpc::Status::OK;
  }

 private:
  std::string resource_;
  std::string socket_;
  const Hooks& hooks_;
};

}  // namespace sluice::plugin
