#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <utility>

#include "pkg/base/result.h"
#include "pkg/base/unique_fd.h"

namespace sluice {

/// Ends the poll(2) of another thread. notify() may be called from any thread.
class EventFd {
 public:
  static Result<EventFd> open() {
    UniqueFd fd(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    if (!fd) return Error::from_errno(errno, "make an eventfd");
    return EventFd(std::move(fd));
  }

  int fd() const { return fd_.get(); }

  void notify() const {
    const std::uint64_t one = 1;
    // Fails only when the counter is full, which wakes as well.
    [[maybe_unused]] const auto written = ::write(fd_.get(), &one, sizeof(one));
  }

  void drain() const {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(fd_.get(), &count, sizeof(count));
  }

 private:
  explicit EventFd(UniqueFd fd) : fd_(std::move(fd)) {}

  UniqueFd fd_;
};

}  // namespace sluice
