#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "pkg/base/error.h"

namespace sluice::cni {

/// The `code` of a CNI error object. Below 100: the CNI specification, section "Error"; 8 is what
/// its library adds. From 100: ours. docs/cni.md has this table for people.
enum class ErrorCode : int {
  incompatible_version = 1,
  unsupported_field = 2,
  invalid_environment = 4,
  io_failure = 5,
  undecodable = 6,
  invalid_config = 7,
  invalid_netns = 8,
  try_again = 11,
  unavailable = 50,   ///< STATUS: cannot serve ADD.
  not_found = 100,    ///< The device or uplink does not exist or is not usable.
  impossible = 101,   ///< The driver cannot do it, or the port cannot carry it.
  name_taken = 102,   ///< The interface name, or the attachment, exists already.
  refused = 103,      ///< The kernel refused for lack of rights.
  damaged = 104,      ///< A record was damaged and has been set aside.
  internal = 105,     ///< Everything else.
  ipam_failed = 106,  ///< The IPAM plugin failed with a code of its own, or could not be run.
  mismatch = 107,     ///< CHECK: what is there differs from what was given.
};

/// Why a verb failed, in the words of the specification.
struct Failure {
  ErrorCode code;
  std::string message;
  std::string details;  ///< Empty: left out.

  Failure(ErrorCode code_of, std::string text, std::string more = {})
      : code(code_of), message(std::move(text)), details(std::move(more)) {}

  /// The one table from our codes to CNI's.
  Failure(const Error& error);  // NOLINT(google-explicit-constructor): TRY returns an Error.

  /// Both failed: the code of this one, both messages.
  void join(const Failure& other) { message += "; " + other.message; }

  void prepend(std::string_view context) { message.insert(0, std::string(context) + ": "); }
};

/// A T or the Failure that prevented it. TRY unwraps a Result or an Outcome inside a function that
/// returns one.
template <typename T = void>
class [[nodiscard]] Outcome : public tl::expected<T, Failure> {
  using Base = tl::expected<T, Failure>;

 public:
  using Base::Base;

  Outcome(Failure failure)  // NOLINT(google-explicit-constructor): `return Failure(...)`.
      : Base(tl::unexpect, std::move(failure)) {}

  // NOLINTNEXTLINE(google-explicit-constructor): so that TRY passes on what a Result holds.
  Outcome(const Error& error) : Base(tl::unexpect, Failure(error)) {}

  T release() && {
    if constexpr (!std::is_void_v<T>) return std::move(**this);
  }
};

/// Success when all are; otherwise the code of the first failure and the messages of all.
Outcome<> joined(const std::vector<Outcome<>>& outcomes);

/// The error object as printed on standard output. `version` is the network configuration's, or
/// our newest where that is not known.
std::string encode_failure(const Failure& failure, std::string_view version);

}  // namespace sluice::cni
