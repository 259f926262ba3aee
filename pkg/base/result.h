#pragma once

#include <fmt/format.h>

#include <type_traits>
#include <utility>

#include <tl/expected.hpp>

#include "pkg/base/error.h"

namespace sluice {

/// A T or the Error that prevented it. A subclass only so that it can be [[nodiscard]]: neither
/// tl::expected nor std::expected warns when dropped.
template <typename T = void>
class [[nodiscard]] Result : public tl::expected<T, Error> {
  using Base = tl::expected<T, Error>;

 public:
  using Base::Base;

  Result(Error error)  // NOLINT(google-explicit-constructor): `return Error(...)` is the idiom.
      : Base(tl::unexpect, std::move(error)) {}

  /// Says what the caller was doing. Formats only on failure.
  template <typename... Args>
  Result context(fmt::format_string<Args...> format, Args&&... args) && {
    if (!*this) this->error().prepend(fmt::format(format, std::forward<Args>(args)...));
    return std::move(*this);
  }

  T release() && {
    if constexpr (!std::is_void_v<T>) return std::move(**this);
  }
};

}  // namespace sluice

/// Unwraps a Result, or returns its Error from the enclosing function. One a statement.
#define TRY(expression)                                      \
  __extension__({                                            \
    auto&& try_result_ = (expression);                       \
    if (!try_result_) return std::move(try_result_).error(); \
    std::move(try_result_).release();                        \
  })
