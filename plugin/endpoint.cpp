#include "plugin/endpoint.h"

#include <algorithm>

#include "pkg/rpc/channel.h"

namespace sluice::plugin {
namespace {

// The kubelet dials us within Register, and gives that 10 s; a healthy one needs milliseconds.
constexpr std::chrono::milliseconds kRegisterLimit{3000};

// Its stream comes a moment after that. Told again before, it would drop the one for the other.
constexpr std::chrono::milliseconds kStreamLimit{3000};

const std::string& directory_of(Mode mode, const KubeletDirectories& directories) {
  return mode == Mode::registry ? directories.registry : directories.device_plugins;
}

}  // namespace

std::string socket_name(std::string resource) {
  std::ranges::replace(resource, '/', '_');
  return resource + ".sock";
}

Endpoint::Endpoint(std::shared_ptr<Resource> resource, KubeletDirectories directories, Mode mode,
                   const Hooks& hooks, const Patience& patience)
    : resource_(std::move(resource)),
      directories_(std::move(directories)),
      mode_(mode),
      hooks_(hooks),
      socket_(directory_of(mode, directories_) + "/" + socket_name(resource_->name())),
      introduction_(resource_->name(), socket_, hooks),
      backoff_(mode == Mode::registry ? patience.registry : patience.legacy) {}

Endpoint::~Endpoint() {
  stop();
}

Moment Endpoint::advance(const std::optional<FileIdentity>& kubelet, Moment now) {
  // A step can make the next one possible: a socket that is there can be introduced.
  for (;;) {
    look(kubelet, now);
    switch (next_step(mode_, standing_, kubelet, now)) {
      // What is not due by itself is brought on by an event: a kubelet.sock, the end of a stream.
      case Step::wait:
        return standing_.streams > 0 || standing_.next_try <= now ? Moment::max()
                                                                  : standing_.next_try;
      case Step::serve: serve(now); break;
      case Step::introduce: introduce(kubelet, now); break;
    }
  }
}

void Endpoint::look(const std::optional<FileIdentity>& kubelet, Moment now) {
  const bool was_heard = standing_.streams > 0;
  note_streams(standing_, backoff_, resource_->lists().open_streams(), now);
  const bool is_heard = standing_.streams > 0;
  if (is_heard != was_heard) {
    hooks_.tell({.event = is_heard ? Event::stream_opened : Event::stream_closed,
                 .resource = resource_->name()});
  }
  if (server_ == nullptr) {
    standing_.socket = Socket::none;
  } else {
    standing_.socket = server_->is_reachable() ? Socket::ours : Socket::lost;
  }
  if (kubelet && standing_.told && kubelet != standing_.told) backoff_.reset();
}

void Endpoint::serve(Moment now) {
  stop();
  Result<std::unique_ptr<UnixServer>> started =
      mode_ == Mode::registry ? UnixServer::start(socket_, {&introduction_, resource_.get()})
                              : UnixServer::start(socket_, {resource_.get()});
  if (!started) {
    standing_.next_try = now + backoff_.next();
    return fail(started.error());
  }
  server_ = *std::move(started);
  // In plugins_registry this is all there is to do, so its effect is waited for. A kubelet that
  // wiped the socket has to be told again.
  standing_.next_try = mode_ == Mode::registry ? now + backoff_.next() : now;
  standing_.told.reset();
  hooks_.tell({.event = Event::serving, .resource = resource_->name(), .text = socket_});
}

void Endpoint::introduce(const std::optional<FileIdentity>& kubelet, Moment now) {
  // When an old stream ends after Register the kubelet takes it for the end of the new one.
  resource_->lists().finish();
  standing_.told = kubelet;
  standing_.next_try = now + backoff_.next();
  if (const Result<> registered = call_register(); !registered) return fail(registered.error());
  standing_.next_try = std::max(standing_.next_try, now + kStreamLimit);
  hooks_.tell({.event = Event::registered, .resource = resource_->name()});
}

Result<> Endpoint::call_register() const {
  v1beta1::RegisterRequest request;
  request.set_version("v1beta1");
  request.set_endpoint(socket_name(resource_->name()));
  request.set_resource_name(resource_->name());
  *request.mutable_options() = plugin_options();
  v1beta1::Registration::Stub stub(unix_channel(directories_.device_plugins + "/kubelet.sock"));
  TRY(call(stub, &v1beta1::Registration::Stub::Register, request, kRegisterLimit, "register"));
  return {};
}

void Endpoint::fail(const Error& error) {
  hooks_.tell({.event = Event::registration_failed,
               .resource = resource_->name(),
               .text = error.message()});
}

void Endpoint::stop() {
  resource_->lists().finish();
  server_.reset();
}

}  // namespace sluice::plugin
