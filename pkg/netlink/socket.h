#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/base/unique_fd.h"
#include "pkg/netlink/message.h"
#include "pkg/netlink/netns.h"

namespace sluice {

/// One message that the kernel sent back: what follows its nlmsghdr.
struct Answer {
  int type = 0;  ///< nlmsg_type
  std::vector<std::byte> payload;
};

/// A netlink socket to the kernel. It belongs to the network namespace in which it was opened and
/// works there from any thread. Not thread-safe. Movable.
///
/// All verbs block until the kernel answers, at most kAnswerTimeout for each datagram (timed_out:
/// the outcome is unknown). A refusal carries the kernel's errno and, in quotes, its extended-ACK
/// text: `set link 7: EEXIST: "Device already exists"`.
class Socket {
 public:
  /// rtnetlink works inside send(2), so an answer is there when it returns; the bound is for a
  /// kernel that lost it.
  static constexpr int kAnswerTimeoutSeconds = 10;

  /// `protocol` is NETLINK_ROUTE, NETLINK_RDMA …; unsupported where the kernel has no such. In the
  /// calling thread's namespace when `netns` is null.
  static Result<Socket> open(int protocol, const NetNs* netns = nullptr);

  /// For tests: talks to the other end of a datagram socket.
  static Socket adopt(UniqueFd fd) { return Socket(std::move(fd)); }

  /// Asks for a change and waits for the acknowledgement. `attempt` is what an error is about.
  Result<> request(Message& message, std::string_view attempt);

  /// Asks for one object.
  Result<Answer> get(Message& message, std::string_view attempt);

  /// Asks for a list (NLM_F_DUMP). Asks again when it changed while it was sent or the kernel ran
  /// out of buffer, and gives up as busy after five times.
  Result<std::vector<Answer>> dump(Message& message, std::string_view attempt);

 private:
  struct Received {
    int type;
    int flags;
    Bytes payload;
  };

  /// Returns whether the exchange is complete.
  using OnMessage = std::function<Result<bool>(const Received&)>;

  explicit Socket(UniqueFd fd) : fd_(std::move(fd)) {}

  Result<> exchange(Message& message, int flags, std::string_view attempt,
                    const OnMessage& on_message);
  Result<> send(Message& message, int flags, std::string_view attempt);
  Result<Bytes> receive(std::string_view attempt);
  Result<bool> dispatch(Bytes datagram, const OnMessage& on_message) const;

  UniqueFd fd_;
  std::uint32_t sequence_ = 0;
  std::vector<std::byte> buffer_;
};

}  // namespace sluice
