#include "scheduler/decisions.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace sluice {
namespace {

constexpr double kHighest = 10;  // MaxExtenderPriority

using Suitabilities = std::vector<std::optional<double>>;

std::vector<int> scores_of(const Suitabilities& suitabilities) {
  std::optional<double> best;
  std::optional<double> worst;
  for (const std::optional<double>& each : suitabilities) {
    if (!each) continue;
    best = std::max(best.value_or(*each), *each);
    worst = std::min(worst.value_or(*each), *each);
  }
  std::vector<int> scores;
  scores.reserve(suitabilities.size());
  for (const std::optional<double>& each : suitabilities) {
    if (!each) {
      scores.push_back(0);
    } else if (*best == *worst) {
      scores.push_back(static_cast<int>(kHighest));
    } else {
      // Down: only the best get the highest, where the nearest would give it to a twentieth more.
      const double part = (*each - *worst) / (*best - *worst);
      scores.push_back(static_cast<int>(std::floor(part * kHighest)));
    }
  }
  return scores;
}

}  // namespace

FilterAnswer Decisions::filter(const AskedPod& pod, const ExtenderArgs& args) {
  FilterAnswer answer(args);
  if (!pod.malformed.empty()) {
    const std::string reason = quoted_json(pod.malformed);
    for (std::size_t i = 0; i < args.names.size(); ++i) answer.fail_for_good(i, reason);
    return answer;
  }
  const MovingNodes::Refusals refusals = moving_.refusals(pod.facts, args.names);
  const auto pass = [&](std::size_t i) {
    const auto refused = refusals.find(i);
    if (refused == refusals.end()) return answer.pass(i);
    answer.fail(i, refused->second);
  };
  if (!pod.ask) {
    for (std::size_t i = 0; i < args.names.size(); ++i) pass(i);
    return answer;
  }
  verdicts_.judge(pod, args.names, [&](std::size_t i, const Verdict& verdict) {
    if (verdict.fits) return pass(i);
    if (verdict.is_for_good) return answer.fail_for_good(i, verdict.reason);
    answer.fail(i, verdict.reason);
  });
  return answer;
}

FilterAnswer Decisions::papers_filter(const AskedPod& pod, const ExtenderArgs& args) {
  FilterAnswer answer(args);
  if (!pod.malformed.empty()) {
    for (std::size_t i = 0; i < args.names.size(); ++i) answer.fail(i, papers_reason::kMalformed);
    return answer;
  }
  const MovingNodes::Refusals refusals = moving_.refusals(pod.facts, args.names);
  const auto pass = [&](std::size_t i) {
    if (refusals.count(i) == 0) return answer.pass(i);
    answer.fail(i, papers_reason::kNoRoom);
  };
  if (!pod.ask) {
    for (std::size_t i = 0; i < args.names.size(); ++i) pass(i);
    return answer;
  }
  verdicts_.judge(pod, args.names, [&](std::size_t i, const Verdict& verdict) {
    if (verdict.fits) return pass(i);
    answer.fail(i, verdict.is_refusal ? papers_reason::kUnknown : papers_reason::kNoRoom);
  });
  return answer;
}

std::vector<int> Decisions::prioritize(const AskedPod& pod, const ExtenderArgs& args) {
  Suitabilities suitabilities(args.names.size());
  if (pod.ask) {
    verdicts_.judge(pod, args.names, [&](std::size_t i, const Verdict& verdict) {
      if (verdict.fits) suitabilities[i] = verdict.suitability;
    });
    return scores_of(suitabilities);
  }
  const bool is_of_claims = pod.facts.classes.empty();
  if (is_of_claims && !pod.facts.has_claims) return scores_of(suitabilities);
  for (std::size_t i = 0; i < args.names.size(); ++i) {
    const auto state = view_.state(args.names[i]);
    if (state == nullptr) continue;
    const BitRate usable = is_of_claims ? state->claims : state->classes;
    if (usable.is_zero()) continue;
    const BitRate held = is_of_claims
                             ? BitRate()
                             : state->classes_held + bandwidth_of(pod.facts.classes, state->floors);
    suitabilities[i] = suitability(policy_, usable - held, usable);
  }
  return scores_of(suitabilities);
}

}  // namespace sluice
