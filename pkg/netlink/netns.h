#pragma once

#include <sched.h>

#include <cstdint>
#include <optional>
#include <string>
#include <thread>
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

/// Runs `fn` inside `ns` and returns its Result. The namespace is a property of a thread, so the
/// thread is made for this call and dies with it: there is no way back to fail.
template <typename Fn>
std::invoke_result_t<Fn> run_in(const NetNs& ns, Fn fn) {
  std::optional<std::invoke_result_t<Fn>> result;
  std::thread([&] {
    if (::setns(ns.fd(), CLONE_NEWNET) != 0) {
      result.emplace(Error::from_errno(errno, "enter network namespace"));
      return;
    }
    result.emplace(fn());
  }).join();
  return *std::move(result);
}

}  // namespace sluice
