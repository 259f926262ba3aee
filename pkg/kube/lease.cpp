#include "pkg/kube/lease.h"

#include <time.h>

#include <limits>
#include <utility>

#include <nlohmann/json.hpp>

#include "pkg/json/document.h"
#include "pkg/json/members.h"
#include "pkg/kube/micro_time.h"

namespace sluice {
namespace {

using nlohmann::json;
using std::chrono::seconds;

constexpr seconds kSetAside{1};         // For clocks of different rates.
constexpr seconds kReleased{1};         // client-go's duration of a lease that was let go.
constexpr int kLongest = 24 * 60 * 60;  // Seconds of a record that are believed.

}  // namespace

std::chrono::nanoseconds boot_time() {
  timespec time{};
  ::clock_gettime(CLOCK_BOOTTIME, &time);  // Cannot fail with a clock that Linux has.
  return seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

Lease::Lease(ApiClient& client, LeaseOptions options)
    : client_(client),
      options_(std::move(options)),
      collection_(
          fmt::format("/apis/coordination.k8s.io/v1/namespaces/{}/leases", options_.name_space)) {}

Result<> Lease::step() {
  Record record = TRY(read());
  if (!seen_since_ || record.version != seen_.version) seen_since_ = options_.now();
  seen_ = std::move(record);
  if (can_take()) return take();
  drop(seen_.holder);
  return {};
}

Result<> Lease::release() {
  if (!is_held()) return {};
  Record free = seen_;
  free.duration = kReleased;
  const std::string text = object(free, "").dump();
  drop("");  // Also where the answer is lost: the lease may be another's by then.
  TRY(client_.replace(collection_ + "/" + options_.name, text));
  return {};
}

bool Lease::is_held_for(std::chrono::nanoseconds time) const {
  const Time now = options_.now();
  const std::lock_guard lock(mutex_);
  return held_until_ && now + time < *held_until_;
}

std::optional<std::uint64_t> Lease::tenure() const {
  if (!is_held()) return std::nullopt;
  const std::lock_guard lock(mutex_);
  return tenure_;
}

std::string Lease::holder() const {
  const std::lock_guard lock(mutex_);
  return holder_;
}

Result<Lease::Record> Lease::read() {
  const Result<std::string> text = client_.get(collection_ + "/" + options_.name);
  if (!text && text.error().code() == Code::not_found) return Record{.duration = options_.duration};
  if (!text) return text.error();
  return decode(*text);
}

Result<Lease::Record> Lease::decode(const std::string& text) const {
  const json lease = parse_document(text);
  Problems problems;
  Members members(lease, "", problems);
  Members metadata = members.object("metadata");
  const json* const given = members.find("spec");
  const json nothing = json::object();
  Members spec(given == nullptr ? nothing : *given, "/spec", problems);
  Record record{
      .version = metadata.text("resourceVersion"),
      .holder = spec.text("holderIdentity", ""),
      .transitions = static_cast<std::uint64_t>(
          spec.number("leaseTransitions", 0, std::numeric_limits<int>::max() - 1).value_or(0)),
      .acquired = spec.text("acquireTime", "")};
  const auto whole = spec.number("leaseDurationSeconds", 1, kLongest);
  record.duration = whole ? Time(seconds(*whole)) : Time(options_.duration);
  if (problems.empty()) return record;
  return Error(Code::invalid_argument, fmt::format("lease {}/{}: {}", options_.name_space,
                                                   options_.name, to_string(problems.all())));
}

bool Lease::can_take() const {
  if (seen_.version.empty() && is_held()) return true;  // It was deleted.
  const bool is_free = !seen_.version.empty() && seen_.holder.empty();
  if (is_free || seen_.holder == options_.identity) return true;
  return options_.now() - *seen_since_ >= seen_.duration;
}

json Lease::object(const Record& record, const std::string& holder) const {
  const std::string now = micro_time(std::chrono::system_clock::now());
  const bool is_new = record.holder != holder;
  const bool is_taken = is_new && !holder.empty() && !record.version.empty();
  json metadata = {{"name", options_.name}, {"namespace", options_.name_space}};
  if (!record.version.empty()) metadata["resourceVersion"] = record.version;
  const auto duration = std::chrono::duration_cast<seconds>(record.duration).count();
  return {{"apiVersion", "coordination.k8s.io/v1"},
          {"kind", "Lease"},
          {"metadata", metadata},
          {"spec",
           {{"holderIdentity", holder},
            {"leaseDurationSeconds", duration},
            {"acquireTime", is_new || record.acquired.empty() ? now : record.acquired},
            {"renewTime", now},
            {"leaseTransitions", record.transitions + (is_taken ? 1 : 0)}}}};
}

Result<> Lease::take() {
  const Time began = options_.now();
  Record wanted = seen_;
  wanted.duration = options_.duration;
  const std::string text = object(wanted, options_.identity).dump();
  const bool is_there = !seen_.version.empty();
  const bool is_new = is_there ? seen_.holder != options_.identity : !is_held();
  const std::string answer = TRY(is_there ? client_.replace(collection_ + "/" + options_.name, text)
                                          : client_.create(collection_, text));
  seen_ = TRY(decode(answer));
  seen_since_ = options_.now();
  hold_from(began, is_new);
  return {};
}

void Lease::hold_from(Time began, bool is_new) {
  const std::lock_guard lock(mutex_);
  held_until_ = began + options_.duration - kSetAside;
  if (is_new) ++tenure_;
  holder_ = options_.identity;
}

void Lease::drop(const std::string& holder) {
  const std::lock_guard lock(mutex_);
  held_until_.reset();
  holder_ = holder;
}

}  // namespace sluice
