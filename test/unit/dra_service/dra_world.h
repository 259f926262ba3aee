#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "dra/service/dra_endpoint.h"
#include "pkg/rpc/channel.h"
#include "proto/dra_v1.grpc.pb.h"
#include "proto/dra_v1beta1.grpc.pb.h"
#include "proto/pluginregistration_v1.grpc.pb.h"
#include "test/support/dra_calls.h"
#include "test/support/result_matchers.h"
#include "test/support/temp_dir.h"
#include "test/unit/dra_service/fake_claims.h"

namespace sluice::dra {

namespace wire_v1 = ::k8s::io::kubelet::pkg::apis::dra::v1;
namespace wire_v1beta1 = ::k8s::io::kubelet::pkg::apis::dra::v1beta1;

/// A driver in a kubelet's directory of its own, and what the kubelet does there.
class DraWorld : public testing::Test {
  mutable std::mutex mutex_;
  std::vector<std::string> told_;  // Guarded by mutex_.

 protected:
  static constexpr std::chrono::milliseconds kLimit{10'000};

  DraWorld() { std::filesystem::create_directories(registry()); }

  /// Does not come back to a refusal by itself within a test.
  EndpointSettings settings() const {
    return {.driver = "sluice.dev",
            .kubelet_dir = directory.path(),
            .retries = {std::chrono::hours(1), std::chrono::hours(1)}};
  }

  void start(const EndpointSettings& with) { endpoint = started(with, claims); }

  /// One of several instances of the driver.
  std::unique_ptr<DraEndpoint> started(const EndpointSettings& with, ClaimHandler& handler) {
    auto made =
        DraEndpoint::start(with, handler, Log(output, "dra"), [this](const std::string& problem) {
          const std::lock_guard lock(mutex_);
          told_.push_back(problem);
        });
    EXPECT_THAT(made, IsOk());
    return made ? *std::move(made) : nullptr;
  }

  void start() { start(settings()); }

  std::vector<std::string> told() const {
    const std::lock_guard lock(mutex_);
    return told_;
  }

  std::string registry() const { return directory / "plugins_registry"; }
  std::string own() const { return directory / "plugins/sluice.dev"; }

  /// Paths, sorted; none when there is no directory.
  static std::vector<std::string> sockets_in(const std::string& path) {
    std::vector<std::string> found;
    std::error_code gone;
    for (std::filesystem::directory_iterator at(path, gone), end; !gone && at != end;
         at.increment(gone)) {
      found.push_back(at->path());
    }
    std::ranges::sort(found);
    return found;
  }

  static bool eventually(const std::function<bool()>& holds) {
    const auto end = std::chrono::steady_clock::now() + kLimit;
    while (!holds()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
  }

  /// What the kubelet learns at the only socket of the registry, once there is one other than
  /// `before`. A socket is there a moment before it is listened on; the kubelet tries again, too.
  Result<pluginregistration::PluginInfo> discover(const std::string& before = "") const {
    using pluginregistration::Registration;
    Result<pluginregistration::PluginInfo> info(Error(Code::timed_out, "no socket"));
    eventually([&] {
      const auto sockets = sockets_in(registry());
      if (sockets.size() != 1 || sockets.front() == before) return false;
      Registration::Stub stub(unix_channel(sockets.front()));
      info = call(stub, &Registration::Stub::GetInfo, pluginregistration::InfoRequest(), kLimit,
                  "get info");
      return info.has_value();
    });
    return info;
  }

  /// The kubelet's verdict on the registration.
  Result<> notify(bool registered, const std::string& error = "") const {
    using pluginregistration::Registration;
    const auto sockets = sockets_in(registry());
    if (sockets.empty()) return Error(Code::not_found, "no socket in the registry");
    Registration::Stub stub(unix_channel(sockets.front()));
    pluginregistration::RegistrationStatus status;
    status.set_plugin_registered(registered);
    status.set_error(error);
    TRY(call(stub, &Registration::Stub::NotifyRegistrationStatus, status, kLimit, "notify"));
    return {};
  }

  /// Starts the endpoint and dials it.
  void begin() {
    start();
    ASSERT_OK_AND_ASSIGN(const pluginregistration::PluginInfo info, discover());
    channel = unix_channel(info.endpoint());
  }

  static std::vector<ClaimRef> claims_named(std::initializer_list<std::string> names) {
    std::vector<ClaimRef> refs;
    for (const std::string& name : names) {
      refs.push_back({.uid = "uid-" + name, .ns = "ml", .name = name});
    }
    return refs;
  }

  Result<wire_v1::NodePrepareResourcesResponse> prepare(const std::vector<ClaimRef>& refs) const {
    wire_v1::DRAPlugin::Stub stub(channel);
    return call(stub, &wire_v1::DRAPlugin::Stub::NodePrepareResources,
                request_for<wire_v1::NodePrepareResourcesRequest>(refs), kLimit, "prepare");
  }

  Result<wire_v1::NodeUnprepareResourcesResponse> unprepare(
      const std::vector<ClaimRef>& refs) const {
    wire_v1::DRAPlugin::Stub stub(channel);
    return call(stub, &wire_v1::DRAPlugin::Stub::NodeUnprepareResources,
                request_for<wire_v1::NodeUnprepareResourcesRequest>(refs), kLimit, "unprepare");
  }

  TempDir directory;
  FakeClaims claims;
  std::ostringstream log;
  LogOutput output{LogLevel::debug, LogFormat::text, log};
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<DraEndpoint> endpoint;  // Last: it uses all of the above.
};

}  // namespace sluice::dra
