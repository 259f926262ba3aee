#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace sluice {

/// Why an operation failed, coarse enough to branch on. Each boundary owns one table from Code to
/// its own vocabulary (cni/protocol/error.cpp).
enum class Code {
  invalid_argument,   ///< What was asked is wrong by itself; asking again cannot help.
  not_found,          ///< The device, link, file or namespace does not exist.
  already_exists,     ///< A name or record is taken.
  busy,               ///< Another process holds it for now; asking again can help.
  permission_denied,  ///< The kernel or the peer refused for lack of rights.
  unsupported,        ///< The driver or the kernel cannot do it at all.
  exhausted,          ///< It would be possible, but there is not enough of it left.
  timed_out,          ///< No answer within the bound; the outcome is unknown.
  data_loss,          ///< A record is damaged and was set aside.
  internal,           ///< Everything else.
};

/// A failure as a value: a code to branch on, the errno where a system call failed, and a message
/// that says what was attempted, outermost attempt first: "attach lane: open 'x': ENOENT".
class [[nodiscard]] Error {
 public:
  Error(Code code, std::string message, int sys_errno = 0)
      : code_(code), sys_errno_(sys_errno), message_(std::move(message)) {}

  /// Names the attempt and the errno that ended it: "open 'x': ENOENT".
  static Error from_errno(int sys_errno, std::string_view attempt);

  Code code() const { return code_; }

  /// 0 when no system call failed.
  int sys_errno() const { return sys_errno_; }

  const std::string& message() const { return message_; }

  void prepend(std::string_view context) { message_.insert(0, std::string(context) + ": "); }

  void append(std::string_view text) { message_.append(text); }

 private:
  Code code_;
  int sys_errno_;
  std::string message_;
};

}  // namespace sluice
