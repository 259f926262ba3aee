#include "agent/claims/measured_claims.h"

#include <chrono>

#include "pkg/base/code_names.h"

namespace sluice {
namespace {

constexpr const char* kPrepare = "prepare";
constexpr const char* kUnprepare = "unprepare";
constexpr const char* kDone = "done";

}  // namespace

MeasuredClaims::MeasuredClaims(dra::ClaimHandler& handler, Metrics& metrics)
    : handler_(handler), metrics_(metrics) {
  for (const char* const call : {kPrepare, kUnprepare}) {
    metrics_.add(metric::kClaimCalls, {call, kDone}, 0);
    for (const std::string_view reason : kCodeNames) {
      metrics_.add(metric::kClaimCalls, {call, reason}, 0);
    }
  }
}

template <typename Answer>
Answer MeasuredClaims::measured(std::string_view call, const dra::ClaimRef& claim,
                                Answer (dra::ClaimHandler::*method)(const dra::ClaimRef&)) {
  const auto start = std::chrono::steady_clock::now();
  Answer answer = (handler_.*method)(claim);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  metrics_.observe(metric::kClaimSeconds, {call}, took.count());
  metrics_.add(metric::kClaimCalls, {call, answer ? kDone : name_of(answer.error().code())});
  return answer;
}

Result<std::vector<dra::PreparedDevice>> MeasuredClaims::prepare(const dra::ClaimRef& claim) {
  return measured(kPrepare, claim, &dra::ClaimHandler::prepare);
}

Result<> MeasuredClaims::unprepare(const dra::ClaimRef& claim) {
  return measured(kUnprepare, claim, &dra::ClaimHandler::unprepare);
}

}  // namespace sluice
