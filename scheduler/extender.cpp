#include "scheduler/extender.h"

#include <chrono>
#include <utility>

#include <nlohmann/json.hpp>

#include "pkg/json/document.h"

namespace sluice {
namespace {

using nlohmann::json;

HttpReply json_reply(std::string body) {
  return {.body = std::move(body), .content_type = "application/json"};
}

/// What an answer of filter says where there is none.
HttpReply filter_reply(Result<std::string> answer) {
  return json_reply(answer ? *std::move(answer) : filter_error(answer.error().message()));
}

int status_of(Code code) {
  return code == Code::invalid_argument ? 400 : 503;
}

}  // namespace

Extender::Extender(const Leadership& leadership, std::string domain, Metrics& metrics)
    : leadership_(leadership), domain_(std::move(domain)), metrics_(metrics) {
  for (const char* const verb : {"filter", "papers_filter", "prioritize", "bind"}) {
    for (const char* const result : {"done", "failed"}) {
      metrics_.add(metric::kExtenderCalls, {verb, result}, 0);
    }
  }
}

/// What filter and prioritize are asked.
struct Extender::Question {
  ExtenderArgs args;
  std::shared_ptr<const AskedPod> pod;
};

template <typename Ask>
auto Extender::measured(const char* verb, Ask ask) {
  const auto began = std::chrono::steady_clock::now();
  auto answer = ask();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  metrics_.observe(metric::kExtenderSeconds, {verb}, took.count());
  metrics_.add(metric::kExtenderCalls, {verb, answer ? "done" : "failed"});
  return answer;
}

std::vector<HttpRoute> Extender::routes() {
  std::vector<HttpRoute> routes = verbs();
  for (HttpRoute& route : routes) {
    // kube-scheduler keeps its connections; the next one is to find the leader.
    route.handle = [this, handle = std::move(route.handle)](const HttpCall& call) {
      HttpReply reply = handle(call);
      if (leadership_.term() == nullptr) reply.headers.emplace_back("Connection", "close");
      return reply;
    };
  }
  return routes;
}

std::vector<HttpRoute> Extender::verbs() {
  const auto filter_route = [this](const char* path, const char* verb, Reasons reasons) {
    return HttpRoute{"POST", path, [this, verb, reasons](const HttpCall& call) {
                       return filter_reply(measured(verb, [&] { return filter(call, reasons); }));
                     }};
  };
  return {filter_route("/scheduler/filter", "filter", Reasons::numbers),
          filter_route("/scheduler/rdma_scheduling", "papers_filter", Reasons::papers),
          {"POST", "/scheduler/prioritize",
           [this](const HttpCall& call) {
             auto answer = measured("prioritize", [&] { return prioritize(call); });
             if (answer) return json_reply(*std::move(answer));
             return HttpReply{.status = status_of(answer.error().code()),
                              .body = answer.error().message() + "\n"};
           }},
          {"POST", "/scheduler/bind", [this](const HttpCall& call) {
             const Result<> answer = measured("bind", [&] { return bind(call); });
             return json_reply(encode_binding_result(answer ? "" : answer.error().message()));
           }}};
}

Result<Extender::Question> Extender::read(const HttpCall& call) const {
  ExtenderArgs args = TRY(decode_extender_args(call.body));
  Problems problems;
  const json pod = parse_document(args.pod, problems);
  if (!problems.empty()) {
    return Error(Code::invalid_argument, "Pod: " + to_string(problems.all()));
  }
  if (!pod.is_object()) return Error(Code::invalid_argument, "Pod: want an object");
  return Question{.args = std::move(args),
                  .pod = std::make_shared<const AskedPod>(asked_pod(facts_of(pod, domain_)))};
}

Result<std::shared_ptr<Term>> Extender::leading() const {
  std::shared_ptr<Term> term = leadership_.term();
  if (term != nullptr) return term;
  const std::string leader = leadership_.leader();
  return Error(Code::busy, "this replica is not the leader" +
                               (leader.empty() ? std::string() : ", that is " + leader));
}

Result<std::shared_ptr<Term>> Extender::ready() const {
  std::shared_ptr<Term> term = TRY(leading());
  const std::string missing = term->missing();
  if (missing.empty()) return term;
  return Error(Code::busy, "the cluster is still being read: " + missing);
}

Result<std::string> Extender::filter(const HttpCall& call, Reasons reasons) {
  const Question question = TRY(read(call));
  const std::shared_ptr<Term> term = TRY(ready());
  term->recent.add(question.pod);
  Decisions& decisions = term->decisions;
  if (reasons == Reasons::papers) {
    return decisions.papers_filter(*question.pod, question.args).papers_json();
  }
  return decisions.filter(*question.pod, question.args).json();
}

Result<std::string> Extender::prioritize(const HttpCall& call) {
  const Question question = TRY(read(call));
  const std::shared_ptr<Term> term = TRY(ready());
  return encode_priorities(question.args.names,
                           term->decisions.prioritize(*question.pod, question.args));
}

Result<> Extender::bind(const HttpCall& call) {
  const ExtenderBindingArgs args = TRY(decode_binding_args(call.body));
  const std::shared_ptr<Term> term = TRY(ready());
  return term->binder.bind(args);
}

}  // namespace sluice
