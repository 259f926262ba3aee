#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "pkg/base/result.h"
#include "pkg/base/unique_fd.h"

namespace sluice {

/// An open handle on a network namespace; keeps the namespace alive while held, so hold it briefly.
class NetNs {
 public:
  /// The namespace of the calling thread.
  static Result<NetNs> current();

  /// nullopt when nothing is at `path` or what is there is not a network namespace any more (an
  /// ordinary file is left behind when a bind mount goes); an Error only when asking failed.
  static Result<std::optional<NetNs>> open(const std::string& path);

  /// For fakes: a namespace that is only its cookie.
  static NetNs fake(std::uint64_t cookie) { return NetNs(UniqueFd(), cookie); }

  int fd() const { return fd_.get(); }

  /// Unique for this boot and never used again, unlike the inode number (SO_NETNS_COOKIE, Linux
  /// 5.14).
  std::uint64_t cookie() const { return cookie_; }

 private:
  NetNs(UniqueFd fd, std::uint64_t cookie) : fd_(std::move(fd)), cookie_(cookie) {}

  UniqueFd fd_;
  std::uint64_t cookie_ = 0;
};

/// The calling thread inside a namespace until this object goes. Where the way back fails the
/// process ends: in the wrong namespace it would do harm.
class InNetNs {
 public:
  static Result<InNetNs> enter(const NetNs& netns);

  InNetNs(InNetNs&&) = default;
  InNetNs(const InNetNs&) = delete;
  InNetNs& operator=(const InNetNs&) = delete;
  InNetNs& operator=(InNetNs&&) = delete;
  ~InNetNs();

 private:
  explicit InNetNs(UniqueFd home) : home_(std::move(home)) {}

  UniqueFd home_;
};

/// Runs `fn` inside `ns` and returns its Result.
template <typename Fn>
std::invoke_result_t<Fn> run_in(const NetNs& ns, Fn fn) {
  const InNetNs inside = TRY(InNetNs::enter(ns));
  return fn();
}

}  // namespace sluice
