#include "dra/status/status_publisher.h"

#include <pthread.h>

#include <algorithm>
#include <random>
#include <set>
#include <utility>

#include "dra/status/status_patch.h"

namespace sluice::dra {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Backoff::Limits kBackoff{.first = milliseconds(500), .longest = seconds(30)};

// The same would be refused again: a missing right (the granular one is 422), or what the server
// takes for invalid.
bool is_refusal(Code code) {
  return code == Code::permission_denied || code == Code::invalid_argument ||
         code == Code::unsupported;
}

// Other claims would wait for the same.
bool is_of_server(Code code) {
  return code == Code::busy || code == Code::timed_out;
}

}  // namespace

StatusPublisher::StatusPublisher(ApiClient& client, std::string driver, StatusListener listener)
    : client_(client),
      driver_(std::move(driver)),
      listener_(std::move(listener)),
      backoff_(kBackoff, static_cast<std::uint32_t>(std::random_device{}())) {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    ::pthread_setname_np(::pthread_self(), "claim status");
    run(stop);
  });
}

void StatusPublisher::publish(const std::vector<ClaimStatus>& claims, Clock::time_point now) {
  bool is_news = false;
  {
    const std::lock_guard lock(mutex_);
    std::set<std::string> prepared;
    for (const ClaimStatus& claim : claims) {
      prepared.insert(claim.ref.uid);
      Wanted& wanted = wanted_[claim.ref.uid];
      const bool is_retry = wanted.refused && now - *wanted.refused >= kRefusedPause;
      if (wanted.status != nullptr && *wanted.status == claim && !is_retry) continue;
      wanted = {.status = std::make_shared<const ClaimStatus>(claim), .refused = {}};
      is_news = true;
    }
    for (auto& [uid, wanted] : wanted_) {
      if (prepared.contains(uid) || wanted.status->devices.empty()) continue;
      wanted = {.status = std::make_shared<const ClaimStatus>(ClaimStatus{wanted.status->ref, {}}),
                .refused = {}};
      is_news = true;
    }
  }
  if (is_news) wake();
}

void StatusPublisher::remove(const ClaimRef& claim) {
  {
    const std::lock_guard lock(mutex_);
    wanted_[claim.uid] = {.status = std::make_shared<const ClaimStatus>(ClaimStatus{claim, {}}),
                          .refused = {}};
  }
  wake();
}

bool StatusPublisher::is_idle() const {
  return due().empty();
}

void StatusPublisher::wake() {
  {
    const std::lock_guard lock(mutex_);
    is_woken_ = true;
  }
  woken_.notify_one();
}

void StatusPublisher::run(const std::stop_token& stop) {
  while (wait(stop)) {
    client_.options().pause(kGathering, stop);
    step(stop);
  }
}

/// Until there is something to look at; false at the stop.
bool StatusPublisher::wait(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  woken_.wait(lock, stop, [this] { return is_woken_; });
  is_woken_ = false;
  return !stop.stop_requested();
}

void StatusPublisher::step(const std::stop_token& stop) {
  bool has_failed = false;
  for (const StatusPtr& status : due()) {
    const Result<bool> done = bring_in_line(*status);
    if (stop.stop_requested() || client_.options().stop.stop_requested()) return;
    take(status, done);
    if (done || is_refusal(done.error().code())) continue;
    has_failed = true;
    if (is_of_server(done.error().code())) break;
  }
  if (!has_failed) return backoff_.reset();
  client_.options().pause(backoff_.next(), stop);
  wake();
}

/// Tells what came of it. After a failure it stays due.
void StatusPublisher::take(const StatusPtr& status, const Result<bool>& done) {
  if (done) {
    if (*done && listener_.written) listener_.written(*status);
    return conclude(status, std::nullopt);
  }
  if (is_refusal(done.error().code())) {
    if (listener_.refused) listener_.refused(status->ref, done.error());
    return conclude(status, Clock::now());
  }
  if (listener_.failed) listener_.failed(status->ref, done.error());
}

std::vector<StatusPublisher::StatusPtr> StatusPublisher::due() const {
  const std::lock_guard lock(mutex_);
  std::vector<StatusPtr> due;
  for (const auto& [uid, wanted] : wanted_) {
    if (wanted.is_due) due.push_back(wanted.status);
  }
  return due;
}

/// Whether something was written.
Result<bool> StatusPublisher::bring_in_line(const ClaimStatus& wanted) {
  Result<bool> done = apply(wanted);
  // The claim may be another, or have another allocation, by now.
  const bool asks_again =
      !done && (done.error().code() == Code::busy || done.error().code() == Code::invalid_argument);
  if (asks_again) done = apply(wanted);
  return done;
}

Result<bool> StatusPublisher::apply(const ClaimStatus& wanted) {
  const std::string path = claim_path(wanted.ref);
  Result<std::string> claim = client_.get(path);
  if (!claim && claim.error().code() == Code::not_found) return false;
  const std::string text = TRY(std::move(claim).context("read claim '{}'", wanted.ref.label()));
  StatusStep step = TRY(status_step(wanted, text, driver_, std::chrono::system_clock::now()));
  if (step.kind != StatusStep::Kind::apply) return false;
  Result<std::string> written = client_.patch(
      path + "/status",
      {.kind = PatchKind::apply, .body = std::move(step.patch), .field_manager = driver_});
  if (!written && written.error().code() == Code::not_found) return false;
  TRY(std::move(written).context("apply the status of claim '{}'", wanted.ref.label()));
  return true;
}

void StatusPublisher::conclude(const StatusPtr& status, std::optional<Clock::time_point> refused) {
  const std::lock_guard lock(mutex_);
  const auto found = wanted_.find(status->ref.uid);
  if (found == wanted_.end() || found->second.status != status) return;  // Another one since.
  if (status->devices.empty()) {
    wanted_.erase(found);
    return;
  }
  found->second.is_due = false;
  found->second.refused = refused;
}

}  // namespace sluice::dra
