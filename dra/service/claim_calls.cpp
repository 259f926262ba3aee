#include "dra/service/claim_calls.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include "pkg/base/rate_text.h"

namespace sluice::dra {
namespace {

using Clock = std::chrono::steady_clock;

/// Calls `use` with each number below `count`.
template <typename Use>
void side_by_side(std::size_t count, const Use& use) {
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < count; i = next++) use(i);
  };
  std::vector<std::jthread> others;
  for (std::size_t i = 1; i < std::min(count, ClaimCalls::kMostAtOnce); ++i) {
    others.emplace_back(work);
  }
  work();
}

std::string milliseconds_since(Clock::time_point start) {
  return fmt::format("{:.1f}",
                     std::chrono::duration<double, std::milli>(Clock::now() - start).count());
}

// "pf-0000-3b-00-0 (20 Gbit/s promised, at most 40 Gbit/s)", with commas between devices.
std::string text_of(const std::vector<PreparedDevice>& devices) {
  std::string text;
  for (const PreparedDevice& device : devices) {
    text +=
        fmt::format("{}{} ({})", text.empty() ? "" : ", ", device.device, to_string(device.rate));
  }
  return text;
}

}  // namespace

std::vector<Result<std::vector<PreparedDevice>>> ClaimCalls::prepare(
    const std::vector<ClaimRef>& claims) {
  std::vector<Result<std::vector<PreparedDevice>>> answers(claims.size());
  side_by_side(claims.size(), [&](std::size_t i) {
    const ClaimRef& claim = claims[i];
    const auto start = Clock::now();
    answers[i] = handler_.prepare(claim);
    const std::string took = milliseconds_since(start);
    if (answers[i]) {
      log_.info("claim prepared", {{"uid", claim.uid},
                                   {"claim", claim.label()},
                                   {"devices", text_of(*answers[i])},
                                   {"duration_ms", took},
                                   {"result", "ok"}});
    } else {
      log_.warn("claim not prepared", {{"uid", claim.uid},
                                       {"claim", claim.label()},
                                       {"duration_ms", took},
                                       {"result", answers[i].error().message()}});
    }
  });
  return answers;
}

std::vector<Result<>> ClaimCalls::unprepare(const std::vector<ClaimRef>& claims) {
  std::vector<Result<>> answers(claims.size());
  side_by_side(claims.size(), [&](std::size_t i) {
    const ClaimRef& claim = claims[i];
    const auto start = Clock::now();
    answers[i] = handler_.unprepare(claim);
    const std::string took = milliseconds_since(start);
    const std::string result = answers[i] ? "ok" : answers[i].error().message();
    const LogFields fields = {
        {"uid", claim.uid}, {"claim", claim.label()}, {"duration_ms", took}, {"result", result}};
    if (answers[i]) {
      log_.info("claim unprepared", fields);
    } else {
      log_.warn("claim not unprepared", fields);
    }
  });
  return answers;
}

}  // namespace sluice::dra
