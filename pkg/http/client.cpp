#include "pkg/http/client.h"

#include <mutex>
#include <utility>

#include "pkg/http/session.h"

namespace sluice {
namespace {

// As many as there are usually calls at once: a watch or two, and one request.
constexpr std::size_t kKeptSessions = 4;

}  // namespace

struct HttpClient::Idle {
  std::mutex mutex;  // Guards sessions.
  std::vector<std::unique_ptr<HttpSession>> sessions;

  Result<std::unique_ptr<HttpSession>> take() {
    {
      const std::lock_guard lock(mutex);
      if (!sessions.empty()) {
        std::unique_ptr<HttpSession> session = std::move(sessions.back());
        sessions.pop_back();
        return session;
      }
    }
    return HttpSession::open();
  }

  void give_back(std::unique_ptr<HttpSession> session) {
    const std::lock_guard lock(mutex);
    if (sessions.size() < kKeptSessions) sessions.push_back(std::move(session));
  }
};

HttpClient::HttpClient(HttpIdentity identity, std::string user_agent)
    : identity_(std::move(identity)),
      user_agent_(std::move(user_agent)),
      idle_(std::make_unique<Idle>()) {}

HttpClient::~HttpClient() = default;

Result<HttpAnswer> HttpClient::send(const HttpRequest& request) {
  return transfer(request, nullptr);
}

Result<HttpAnswer> HttpClient::stream(const HttpRequest& request, const Sink& sink) {
  return transfer(request, &sink);
}

Result<HttpAnswer> HttpClient::transfer(const HttpRequest& request, const Sink* sink) {
  std::unique_ptr<HttpSession> session = TRY(idle_->take());
  Result<HttpAnswer> answer = session->transfer(request, identity_, user_agent_, sink);
  idle_->give_back(std::move(session));
  return std::move(answer).context("{} '{}'", request.method, request.url);
}

}  // namespace sluice
