#include "plugin/endpoint.h"

#include <algorithm>

#include "pkg/fs/dir.h"
#include "pkg/kubelet/sockets.h"
#include "pkg/rpc/channel.h"

namespace sluice::plugin {
namespace {

// The kubelet dials us within Register, and gives that 10 s; a healthy one needs milliseconds.
constexpr std::chrono::milliseconds kRegisterLimit{3000};

// Its stream comes a moment after that. Told again before, it would drop the one for the other.
constexpr std::chrono::milliseconds kStreamLimit{3000};

constexpr const char* kVersion = "v1beta1";

const std::string& directory_of(Mode mode, const KubeletDirectories& directories) {
  return mode == Mode::registry ? directories.registry : directories.device_plugins;
}

}  // namespace

Endpoint::Endpoint(std::shared_ptr<Resource> resource, KubeletDirectories directories, Mode mode,
                   const Hooks& hooks, const Retries& retries)
    : resource_(std::move(resource)),
      directories_(std::move(directories)),
      mode_(mode),
      hooks_(hooks),
      backoff_(mode == Mode::registry ? retries.registry : retries.legacy) {}

Endpoint::~Endpoint() {
  stop();
}

Moment Endpoint::advance(const std::optional<FileIdentity>& kubelet, Moment now) {
  look(kubelet, now);
  if (must_register(mode_, state_, kubelet, now)) start(kubelet, now);
  // What is not due by itself is brought on by an event: a kubelet.sock, the end of a stream.
  return state_.streams > 0 || state_.next_try <= now ? Moment::max() : state_.next_try;
}

void Endpoint::look(const std::optional<FileIdentity>& kubelet, Moment now) {
  look_at_streams(now);
  if (server_ == nullptr) {
    state_.socket = Socket::none;
  } else {
    state_.socket = server_->is_reachable() ? Socket::ours : Socket::lost;
  }
  if (kubelet && state_.told && kubelet != state_.told) backoff_.reset();
}

void Endpoint::look_at_streams(Moment now) {
  const bool was_heard = state_.streams > 0;
  note_streams(state_, backoff_, resource_->lists().open_streams(), now);
  const bool is_heard = state_.streams > 0;
  if (is_heard == was_heard) return;
  if (!is_heard && now < prompt_until_) state_.next_try = now;
  hooks_.tell({.event = is_heard ? Event::stream_opened : Event::stream_closed,
               .resource = resource_->name()});
}

void Endpoint::start(const std::optional<FileIdentity>& kubelet, Moment now) {
  // A kubelet of 1.36 takes the end of an old stream, after Register, for that of the new one.
  stop();
  look_at_streams(now);
  state_.told = kubelet;
  state_.next_try = now + backoff_.next();
  if (const Result<> done = serve(); !done) {
    hooks_.tell({.event = Event::registration_failed,
                 .resource = resource_->name(),
                 .text = done.error().message()});
  } else if (mode_ == Mode::legacy) {
    state_.next_try = std::max(state_.next_try, now + kStreamLimit);
    hooks_.tell({.event = Event::registered, .resource = resource_->name()});
  }
}

Result<> Endpoint::serve() {
  const std::string path =
      directory_of(mode_, directories_) + "/" + new_socket_name(resource_->name());
  registration_.emplace(RegistrationService::Info{.type = "DevicePlugin",
                                                  .name = resource_->name(),
                                                  .endpoint = path,
                                                  .versions = {kVersion}},
                        [this](const std::string& refusal) { told(refusal); });
  server_ =
      TRY(mode_ == Mode::registry ? UnixServer::start(path, {&*registration_, resource_.get()})
                                  : UnixServer::start(path, {resource_.get()}));
  hooks_.tell({.event = Event::serving, .resource = resource_->name(), .text = path});
  return mode_ == Mode::registry ? Result<>() : call_register();
}

// A call that comes before the other instance has a socket waits for it. A socket that the kubelet
// has not taken yet must go: one of 1.36 that takes it after the other's forgets the other.
void Endpoint::hand_over() {
  if (resource_->lists().open_streams() == 0) stop();
  if (server_ == nullptr) return;
  resource_->relay().hand_over(
      [directory = directory_of(mode_, directories_), name = resource_->name(),
       own = made_socket(server_->path())] { return newest_socket(directory, name, own); });
}

void Endpoint::told(const std::string& refusal) const {
  hooks_.tell({.event = refusal.empty() ? Event::registered : Event::registration_failed,
               .resource = resource_->name(),
               .text = refusal});
}

Result<> Endpoint::call_register() const {
  v1beta1::RegisterRequest request;
  request.set_version(kVersion);
  request.set_endpoint(base_name(server_->path()));
  request.set_resource_name(resource_->name());
  *request.mutable_options() = plugin_options();
  v1beta1::Registration::Stub stub(unix_channel(directories_.device_plugins + "/kubelet.sock"));
  TRY(call(stub, &v1beta1::Registration::Stub::Register, request, kRegisterLimit, "register"));
  return {};
}

void Endpoint::stop() {
  resource_->lists().finish();
  server_.reset();
}

}  // namespace sluice::plugin
