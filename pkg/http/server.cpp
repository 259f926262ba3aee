#include "pkg/http/server.h"

#include <microhttpd.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/http/deadlines.h"
#include "pkg/http/listen.h"
#include "pkg/http/served_tls.h"

namespace sluice {
namespace {

constexpr std::size_t kConnectionMemory = 32u << 10;  // Request line, headers and buffers.
constexpr std::size_t kStackSize = 256u << 10;
constexpr std::size_t kStreamBlock = 16u << 10;

/// A request that is arriving.
struct Arriving {
  std::string body;
};

/// A body that is made while it is sent.
struct Streaming {
  HttpProducer produce;
  std::stop_token stop;
  std::string pending;
};

ssize_t on_read(void* user, std::uint64_t /*position*/, char* buffer, std::size_t room) {
  auto& streaming = *static_cast<Streaming*>(user);
  while (streaming.pending.empty()) {
    std::optional<std::string> next = streaming.produce(streaming.stop);
    if (!next) return MHD_CONTENT_READER_END_OF_STREAM;
    streaming.pending = *std::move(next);
  }
  const std::size_t size = std::min(room, streaming.pending.size());
  streaming.pending.copy(buffer, size);
  streaming.pending.erase(0, size);
  return static_cast<ssize_t>(size);
}

void on_read_end(void* user) {
  delete static_cast<Streaming*>(user);  // Made by response_of().
}

void on_sent(void* user) {
  delete static_cast<std::string*>(user);  // Made by response_of().
}

MHD_Response* response_of(HttpReply&& reply, const std::stop_token& stop) {
  if (!reply.stream) {
    auto body = std::make_unique<std::string>(std::move(reply.body));
    MHD_Response* const response = MHD_create_response_from_buffer_with_free_callback_cls(
        body->size(), body->data(), on_sent, body.get());
    if (response != nullptr) static_cast<void>(body.release());
    return response;
  }
  auto* const streaming = new Streaming{std::move(reply.stream), stop, std::move(reply.body)};
  return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, kStreamBlock, on_read, streaming,
                                           on_read_end);
}

MHD_Result send_reply(MHD_Connection* connection, HttpReply reply, const std::stop_token& stop) {
  const auto status = static_cast<unsigned>(reply.status);
  const std::string content_type = reply.content_type;
  const auto headers = std::move(reply.headers);
  MHD_Response* const response = response_of(std::move(reply), stop);
  if (response == nullptr) return MHD_NO;
  MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, content_type.c_str());
  for (const auto& [name, value] : headers) {
    MHD_add_response_header(response, name.c_str(), value.c_str());
  }
  const MHD_Result result = MHD_queue_response(connection, status, response);
  MHD_destroy_response(response);  // The queue holds its own reference.
  return result;
}

MHD_Result on_query(void* user, MHD_ValueKind /*kind*/, const char* name, const char* value) {
  auto& query = *static_cast<std::map<std::string, std::string>*>(user);
  query[name] = value == nullptr ? "" : value;
  return MHD_YES;
}

MHD_Result on_header(void* user, MHD_ValueKind /*kind*/, const char* name, const char* value) {
  auto& headers = *static_cast<std::map<std::string, std::string>*>(user);
  headers[to_lower(name)] = value == nullptr ? "" : value;
  return MHD_YES;
}

gnutls_session_int* session_of(MHD_Connection* connection) {
  return static_cast<gnutls_session_int*>(
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION)->tls_session);
}

ServedTls::Used& used_by(MHD_Connection* connection) {
  return *static_cast<ServedTls::Used*>(
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context);
}

std::uint64_t announced_length(MHD_Connection* connection) {
  const char* const text =
      MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
  const Result<std::uint64_t> length = parse_int<std::uint64_t>(text == nullptr ? "" : text);
  return length ? *length : 0;
}

int socket_of(MHD_Connection* connection) {
  return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

HttpReply too_long() {
  return {.status = 413, .body = "request too long\n"};
}

}  // namespace

struct HttpServer::State {
  HttpServerOptions options;  // With the TLS of the start, which libmicrohttpd refers to.
  std::vector<HttpRoute> routes;
  std::uint16_t port = 0;
  std::stop_source streams;
  std::optional<Deadlines> deadlines;
  MHD_Daemon* daemon = nullptr;
  std::optional<ServedTls> tls;

  Result<bool> renew(HttpServerTls renewed) {
    const bool asks = !options.tls.client_authorities.empty();
    if (renewed.certificate.empty() != !tls || renewed.client_authorities.empty() == asks) {
      return Error(Code::invalid_argument,
                   "a running server cannot begin or end TLS or asking for certificates");
    }
    return tls ? tls->renew(std::move(renewed)) : false;
  }

  bool admits(MHD_Connection* connection) {
    if (options.tls.client_authorities.empty()) return true;
    if (!tls) return false;
    tls->apply_to(session_of(connection), used_by(connection));
    return is_known(session_of(connection));
  }

  /// The request line and the headers have come.
  MHD_Result begin(MHD_Connection* connection, Arriving*& arriving) {
    if (!admits(connection)) {
      // An answer before the body has come ends the connection: the next may show a certificate.
      return send_reply(connection, {.status = 401, .body = "want a client certificate\n"}, {});
    }
    const std::uint64_t length = announced_length(connection);
    if (length > options.body_limit) return send_reply(connection, too_long(), {});
    arriving = new Arriving;
    arriving->body.reserve(length);
    return MHD_YES;
  }

  /// A piece of the body has come. MHD_NO closes the connection: it has no end.
  MHD_Result grow(Arriving& arriving, std::string_view piece) const {
    if (piece.size() > options.body_limit - arriving.body.size()) return MHD_NO;
    arriving.body.append(piece);
    return MHD_YES;
  }

  MHD_Result finish(MHD_Connection* connection, HttpCall call) {
    MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, on_query, &call.query);
    MHD_get_connection_values(connection, MHD_HEADER_KIND, on_header, &call.headers);
    deadlines->end(socket_of(connection));  // A handler may take its time, and so may a stream.
    HttpReply reply = answer(routes, call);
    if (!reply.stream) deadlines->begin(socket_of(connection));
    return send_reply(connection, std::move(reply), streams.get_token());
  }

  // NOLINTNEXTLINE(readability-function-size): libmicrohttpd's signature.
  static MHD_Result on_request(void* user, MHD_Connection* connection, const char* path,
                               const char* method, const char* /*version*/, const char* piece,
                               std::size_t* size, void** slot) {
    auto& state = *static_cast<State*>(user);
    auto* arriving = static_cast<Arriving*>(*slot);
    if (arriving == nullptr) {
      const MHD_Result result = state.begin(connection, arriving);
      *slot = arriving;
      return result;
    }
    if (*size != 0) {
      return state.grow(*arriving, {piece, std::exchange(*size, 0)});
    }
    return state.finish(connection,
                        {.method = method, .path = path, .body = std::move(arriving->body)});
  }

  /// Before the handshake, and when the session is gone.
  static void on_connection(void* user, MHD_Connection* connection, void** slot,
                            MHD_ConnectionNotificationCode what) {
    auto& state = *static_cast<State*>(user);
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
      if (state.tls) {
        *slot = new ServedTls::Used;
        state.tls->apply_to(session_of(connection), *static_cast<ServedTls::Used*>(*slot));
      }
      return state.deadlines->begin(socket_of(connection));
    }
    state.deadlines->end(socket_of(connection));  // Its socket is closed after this.
    delete static_cast<ServedTls::Used*>(*slot);
  }

  /// A request has its answer, or will have none.
  static void on_end(void* user, MHD_Connection* connection, void** slot,
                     MHD_RequestTerminationCode /*why*/) {
    static_cast<State*>(user)->deadlines->begin(socket_of(connection));  // For the next one.
    delete static_cast<Arriving*>(*slot);                                // Made by begin().
    *slot = nullptr;
  }

  /// libmicrohttpd's own list of options, those that take text only when they have one.
  std::vector<MHD_OptionItem> daemon_options(int listening) {
    std::vector<MHD_OptionItem> items = {
        {MHD_OPTION_LISTEN_SOCKET, listening, nullptr},
        {MHD_OPTION_CONNECTION_LIMIT, options.connections, nullptr},
        {MHD_OPTION_PER_IP_CONNECTION_LIMIT, std::max(1u, options.connections / 2), nullptr},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, kConnectionMemory, nullptr},
        {MHD_OPTION_THREAD_STACK_SIZE, kStackSize, nullptr},
        {MHD_OPTION_CONNECTION_TIMEOUT, options.deadline.count(), nullptr}};
    const auto add_text = [&items](MHD_OPTION option, std::string& text) {
      if (!text.empty()) items.push_back({option, 0, text.data()});
    };
    add_text(MHD_OPTION_HTTPS_MEM_CERT, options.tls.certificate);
    add_text(MHD_OPTION_HTTPS_MEM_KEY, options.tls.key);
    add_text(MHD_OPTION_HTTPS_MEM_TRUST, options.tls.client_authorities);
    items.push_back({MHD_OPTION_END, 0, nullptr});
    return items;
  }
};

Result<std::unique_ptr<HttpServer>> HttpServer::start(HttpServerOptions options,
                                                      std::vector<HttpRoute> routes) {
  auto state = std::make_unique<State>();
  state->options = std::move(options);
  state->routes = std::move(routes);
  if (!state->options.tls.certificate.empty()) {
    TRY(state->tls.emplace().renew(state->options.tls).context("start an HTTP server"));
  }
  UniqueFd listening = TRY(listen_on(state->options.address, state->options.port));
  state->port = TRY(port_of(listening));
  state->deadlines.emplace(state->options.deadline, std::max(1u, state->options.connections / 4));

  std::vector<MHD_OptionItem> items = state->daemon_options(listening.get());
  unsigned flags =
      MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL | MHD_USE_ITC;
  if (state->tls) flags |= MHD_USE_TLS;
  state->daemon = MHD_start_daemon(flags, 0, nullptr, nullptr, State::on_request, state.get(),
                                   MHD_OPTION_NOTIFY_COMPLETED, State::on_end, state.get(),
                                   MHD_OPTION_NOTIFY_CONNECTION, State::on_connection, state.get(),
                                   MHD_OPTION_ARRAY, items.data(), MHD_OPTION_END);
  if (state->daemon == nullptr) {
    return Error(Code::exhausted, "start an HTTP server: no memory or threads");
  }
  static_cast<void>(listening.release());  // The daemon closes it.
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(state)));
}

HttpServer::HttpServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

HttpServer::~HttpServer() {
  state_->streams.request_stop();
  MHD_stop_daemon(state_->daemon);
}

Result<bool> HttpServer::renew(HttpServerTls tls) {
  return state_->renew(std::move(tls));
}

std::uint16_t HttpServer::port() const {
  return state_->port;
}

}  // namespace sluice
