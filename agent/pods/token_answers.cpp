#include "agent/pods/token_answers.h"

#include <fmt/ranges.h>

#include <chrono>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/cdi/memlock_hook.h"

namespace sluice {
namespace {

// Runtimes follow the directory by inotify, in a thread of their own (watch() in pkg/cdi/cache.go
// of container-device-interface 1.1), and do not look again when a device is missing: a container
// that is made before that fails, and the kubelet tries again after ten seconds. Measured with that
// code, 200 files beside it, and seven times more work than processors: 5 ms in the median, at
// most 83.
constexpr std::chrono::milliseconds kUntilSeen{100};

}  // namespace

TokenAnswers::TokenAnswers(Parts parts, Log log)
    : parts_(std::move(parts)),
      log_(std::move(log)),
      lanes_(parts_.lanes),
      cdi_(parts_.cdi_dir),
      next_(parts_.first) {}

Result<std::vector<std::string>> TokenAnswers::prefer(
    const plugin::PreferenceRequest& request) const {
  const std::lock_guard lock(mutex_);
  return plugin::prefer_tokens(request, next_);
}

// Noted first: from then on sweep() leaves the token alone.
Result<std::vector<plugin::AllocateResponse>> TokenAnswers::allocate(
    const std::vector<std::vector<std::string>>& containers) {
  std::vector<plugin::AllocateResponse> given;
  for (const std::vector<std::string>& tokens : containers) {
    parts_.allocated.allocated(parts_.resource, tokens);
    plugin::AllocateResponse& response = given.emplace_back();
    for (const std::string& token : tokens) {
      const std::optional<std::size_t> number = plugin::token_number(token);
      if (!number) return Error(Code::not_found, fmt::format("{} is no token", in_quotes(token)));
      TRY(cdi_.remove(token));
      response.cdi_devices.push_back(qualified_name(plugin::kTokenCdiKind, token));
      const std::lock_guard lock(mutex_);
      next_ = *number + 1;
    }
  }
  return given;
}

Result<> TokenAnswers::starts(const std::vector<std::string>& ids) {
  for (const std::string& token : ids) {
    // A device of an earlier start is not to outlive the reason for it.
    if (Result<> made = make(token); !made) {
      TRY(cdi_.remove(token));
      return made;
    }
  }
  std::this_thread::sleep_for(kUntilSeen);
  return {};
}

Result<> TokenAnswers::make(const std::string& token) {
  const TokenLanes::Answer answer = TRY(lanes_.of({parts_.resource, token}));
  const ConfigPtr config = parts_.config.current();
  TRY(cdi_.write(token, answer.lanes, memlock_hooks(config->locked_memory, parts_.memlock_hook)));
  log_.info("a container gets the devices of its pod's lanes",
            {{"pod", answer.pod}, {"token", token}, {"lanes", answer.lanes.size()}});
  return {};
}

Result<> TokenAnswers::sweep() {
  const std::vector<std::string> tokens = TRY(cdi_.tokens());
  if (tokens.empty()) return {};
  // Asked after the files: the pod of a file that was there had its grant.
  const std::set<std::string> ended = TRY(lanes_.without_grant(parts_.resource));
  Result<> all;
  for (const std::string& token : tokens) {
    Result<> removed;
    const auto remove = [&] { removed = cdi_.remove(token); };
    if (ended.contains(token)) {
      remove();
    } else {
      parts_.allocated.unless_held({parts_.resource, token}, remove);
    }
    if (!removed && all) all = std::move(removed);
  }
  return all;
}

}  // namespace sluice
