#pragma once

#include <functional>
#include <list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pkg/base/result.h"

namespace sluice {

/// Every request to a fake, in order and as one line each, and what is to go wrong with them.
/// A `matching` text selects the requests whose line contains it; empty selects every one.
class RequestLog {
 public:
  /// "host: change 7 netns=/run/netns/pod name=net1 up", "/run/netns/pod: find 'net1'" …
  const std::vector<std::string>& lines() const { return lines_; }

  std::vector<std::string> matching(const std::string& text) const;

  void clear() { lines_.clear(); }

  /// The next request fails and has no effect.
  void fail_next(Error error) { fail_on("", std::move(error)); }

  /// The `nth` matching request from now fails and has no effect.
  void fail_on(std::string matching, Error error, int nth = 1);

  /// The next matching request takes effect and still answers `error`: an answer that got lost.
  void fail_after(std::string matching, Error error);

  /// Every request fails from now on and has no effect, as after the death of who would make them;
  /// nullopt ends it.
  void refuse_all(std::optional<Error> error) { refusal_ = std::move(error); }

  /// Runs `action` once, before the next matching request: the world changing under the code.
  void before(std::string matching, std::function<void()> action);

  /// What was still to go wrong does not.
  void forget_faults() { faults_.clear(); }

  /// Runs `observer` before every request, until it is replaced.
  void on_request(std::function<void()> observer) { observer_ = std::move(observer); }

  /// Whether all that was to go wrong went wrong.
  bool exhausted() const { return faults_.empty() && actions_.empty(); }

  /// One request: `fn` between what is to happen before and after it.
  template <typename Fn>
  std::invoke_result_t<Fn> run(const std::string& line, Fn fn) {
    begin(line);
    if (refusal_) return *refusal_;
    if (auto error = take(line, Moment::before)) return *std::move(error);
    auto result = fn();
    if (auto error = take(line, Moment::after)) return *std::move(error);
    return result;
  }

 private:
  enum class Moment { before, after };

  struct Fault {
    std::string matching;
    Moment moment;
    int nth;
    Error error;
  };

  struct Action {
    std::string matching;
    std::function<void()> act;
  };

  void begin(const std::string& line);
  std::optional<Error> take(const std::string& line, Moment moment);

  std::vector<std::string> lines_;
  std::list<Fault> faults_;
  std::list<Action> actions_;
  std::function<void()> observer_;
  std::optional<Error> refusal_;
};

}  // namespace sluice
