#pragma once

#include <functional>
#include <string>
#include <vector>

#include "pkg/http/routes.h"
#include "pkg/metrics/metrics.h"
#include "scheduler/leadership.h"

namespace sluice {

/// More is answered with 413 before it is read. Names of 10,000 nodes are half a megabyte.
inline constexpr std::size_t kLongestBody = 10u << 20;

/// What kube-scheduler asks over HTTP, each a POST:
///
///   /scheduler/filter           which nodes have room for the pod's lanes
///   /scheduler/prioritize       how well they suit it
///   /scheduler/bind             binds it
///   /scheduler/rdma_scheduling  the papers' filter, with its three reasons
///
/// Answers are 200 with JSON, as kube-scheduler takes no others, and carry what went wrong in their
/// member Error. A list of scores has none: then prioritize answers 400 or 503, which
/// kube-scheduler passes over. A replica that does not lead closes the connection with its answer.
/// Thread-safe.
class Extender final {
 public:
  /// All must outlive this object. `domain` is that of the classes' resources.
  Extender(const Leadership& leadership, std::string domain, Metrics& metrics);

  std::vector<HttpRoute> routes();

 private:
  enum class Reasons { numbers, papers };

  struct Question;

  std::vector<HttpRoute> verbs();
  Result<Question> read(const HttpCall& call) const;
  Result<std::shared_ptr<Term>> leading() const;
  Result<std::shared_ptr<Term>> ready() const;
  Result<std::string> filter(const HttpCall& call, Reasons reasons);
  Result<std::string> prioritize(const HttpCall& call);
  Result<> bind(const HttpCall& call);

  /// Counts and times a call by its verb.
  template <typename Ask>
  auto measured(const char* verb, Ask ask);

  const Leadership& leadership_;
  const std::string domain_;
  Metrics& metrics_;
};

}  // namespace sluice
