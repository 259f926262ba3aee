// The plugin watcher: how the kubelet finds sockets in plugins_registry.
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>

#include "pkg/fs/watch.h"
#include "pkg/rpc/channel.h"
#include "test/fake/kubelet/state.h"

namespace sluice {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kGetInfoLimit{1};
constexpr seconds kNotifyLimit{10};
constexpr milliseconds kRepeatAfter{20};  // The kubelet: 500 ms, doubling.

/// "%2Fvar%2Flib…": the authority under which the kubelet's plugin watcher dials.
std::string encoded(std::string path) {
  for (auto at = path.find('/'); at != std::string::npos; at = path.find('/', at)) {
    path.replace(at, 1, "%2F");
  }
  return path;
}

}  // namespace

void FakeKubelet::State::watch_registry() {
  const Result<Watch> watch = Watch::open(registry_dir());
  if (!watch) std::abort();
  while (!stopping) {
    const bool all_well = look_at_registry();
    std::array<pollfd, 2> waited = {pollfd{.fd = wake.fd(), .events = POLLIN, .revents = 0},
                                    pollfd{.fd = watch->fd(), .events = POLLIN, .revents = 0}};
    ::poll(waited.data(), waited.size(), all_well ? -1 : static_cast<int>(kRepeatAfter.count()));
    wake.drain();
    static_cast<void>(watch->drain());
  }
}

std::map<std::string, FileIdentity> FakeKubelet::State::registry_sockets() const {
  std::map<std::string, FileIdentity> sockets;
  for (const auto& entry : std::filesystem::directory_iterator(registry_dir())) {
    const std::string path = entry.path();
    const auto identity = identity_of(path);
    if (!entry.is_socket() || entry.path().filename().string().starts_with(".")) continue;
    if (identity && *identity) sockets[path] = **identity;
  }
  return sockets;
}

// What was removed comes first, and then what is new.
bool FakeKubelet::State::look_at_registry() {
  const auto there = registry_sockets();
  forget_removed(there);
  bool all_well = true;
  for (const auto& [path, identity] : there) {
    if (!is_introduced(path) && !introduce(path, identity)) all_well = false;
  }
  return all_well;
}

void FakeKubelet::State::forget_removed(const std::map<std::string, FileIdentity>& there) {
  std::vector<Introduced> removed;
  {
    const std::lock_guard lock(mutex);
    std::erase_if(introduced, [&](const auto& entry) {
      const auto found = there.find(entry.first);
      if (found != there.end() && found->second == entry.second.identity) return false;
      removed.push_back(entry.second);
      return true;
    });
  }
  for (const Introduced& socket : removed) {
    forget(socket.resource, socket.endpoint);
    const std::lock_guard lock(mutex);
    std::erase(drivers[socket.resource], socket.endpoint);
  }
}

bool FakeKubelet::State::is_introduced(const std::string& path) const {
  const std::lock_guard lock(mutex);
  return introduced.contains(path);
}

bool FakeKubelet::State::introduce(const std::string& path, const FileIdentity& identity) {
  using pluginregistration::Registration;
  grpc::ChannelArguments arguments;
  arguments.SetString(GRPC_ARG_DEFAULT_AUTHORITY, encoded(path));
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  Registration::Stub stub(
      grpc::CreateCustomChannel("unix:" + path, grpc::InsecureChannelCredentials(), arguments));
  const auto info = call(stub, &Registration::Stub::GetInfo, pluginregistration::InfoRequest(),
                         kGetInfoLimit, "get info");
  if (!info) return false;
  const grpc::Status connected = accept(*info, path);
  pluginregistration::RegistrationStatus status;
  status.set_plugin_registered(connected.ok());
  status.set_error(connected.error_message());
  static_cast<void>(
      call(stub, &Registration::Stub::NotifyRegistrationStatus, status, kNotifyLimit, "notify"));
  const std::lock_guard lock(mutex);
  if (!connected.ok() && repeats == Repeats::yes) return false;
  introduced[path] = {.identity = identity, .resource = info->name(), .endpoint = info->endpoint()};
  return true;
}

grpc::Status FakeKubelet::State::add_driver(const pluginregistration::PluginInfo& info) {
  const std::lock_guard lock(mutex);
  drivers[info.name()].push_back(info.endpoint());
  return grpc::Status::OK;
}

grpc::Status FakeKubelet::State::accept(const pluginregistration::PluginInfo& info,
                                        const std::string& path) {
  const auto& versions = info.supported_versions();
  if (info.type() == "DRAPlugin") return add_driver(info);
  if (info.type() != "DevicePlugin") return {grpc::UNKNOWN, "no handler for " + info.type()};
  if (std::find(versions.begin(), versions.end(), "v1beta1") == versions.end()) {
    return {grpc::UNKNOWN, "no supported version"};
  }
  if (take_refusal()) return {grpc::UNKNOWN, "refused by the test"};
  return connect(info.name(), info.endpoint().empty() ? path : info.endpoint());
}

}  // namespace sluice
