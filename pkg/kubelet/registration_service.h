#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "proto/pluginregistration_v1.grpc.pb.h"

namespace sluice {

/// Tells the kubelet that finds the socket in plugins_registry what is served there. Answers at
/// once, in gRPC's threads.
class RegistrationService final : public pluginregistration::Registration::Service {
 public:
  /// What the kubelet is told.
  struct Info {
    std::string type;      ///< "DevicePlugin" or "DRAPlugin".
    std::string name;      ///< Of the resource, or of the driver.
    std::string endpoint;  ///< Path of the socket that serves, an absolute one.
    std::vector<std::string> versions;
  };

  /// `told` is called with what the kubelet made of it: empty, or why it refused.
  RegistrationService(Info info, std::function<void(const std::string& refusal)> told)
      : info_(std::move(info)), told_(std::move(told)) {}

  grpc::Status GetInfo(grpc::ServerContext* /*context*/,
                       const pluginregistration::InfoRequest* /*request*/,
                       pluginregistration::PluginInfo* response) override {
    response->set_type(info_.type);
    response->set_name(info_.name);
    response->set_endpoint(info_.endpoint);
    for (const std::string& version : info_.versions) response->add_supported_versions(version);
    return grpc::Status::OK;
  }

  /// After a refusal the kubelet asks again by itself, and the socket is made again if it does not.
  grpc::Status NotifyRegistrationStatus(
      grpc::ServerContext* /*context*/, const pluginregistration::RegistrationStatus* request,
      pluginregistration::RegistrationStatusResponse* /*response*/) override {
    told_(request->plugin_registered() ? "" : "the kubelet refused: " + request->error());
    return grpc::Status::OK;
  }

 private:
  Info info_;
  std::function<void(const std::string&)> told_;
};

}  // namespace sluice
