#pragma once

#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace sluice {

/// A request as its handler sees it.
struct HttpCall {
  std::string method;
  std::string path;                            ///< Unescaped, without the query.
  std::map<std::string, std::string> query;    ///< Unescaped; the last one of a name.
  std::map<std::string, std::string> headers;  ///< Names in lower case.
  std::string body;
};

/// The next piece of a body, waiting for it; nullopt at the end, and soon after a stop.
using HttpProducer = std::function<std::optional<std::string>(const std::stop_token& stop)>;

struct HttpReply {
  int status = 200;
  std::string body;
  std::string content_type = "text/plain; charset=utf-8";
  std::vector<std::pair<std::string, std::string>> headers;
  HttpProducer stream;  ///< When set, its pieces follow `body`, each sent as it comes.
};

/// Called from several threads at once.
using HttpHandler = std::function<HttpReply(const HttpCall& call)>;

struct HttpRoute {
  std::string method;  ///< Empty: every method. "GET" answers HEAD too.
  std::string path;    ///< Exact; with a '/' at its end, all below it too.
  HttpHandler handle;
};

/// The answer of the first route that fits; otherwise 404, or 405 when only the method does not
/// fit.
HttpReply answer(const std::vector<HttpRoute>& routes, const HttpCall& call);

}  // namespace sluice
