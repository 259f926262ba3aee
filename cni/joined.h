#pragma once

#include <initializer_list>
#include <optional>

#include "cni/error.h"

namespace sluice::cni {

/// Success when all are; otherwise the code of the first failure and the messages of all.
inline Outcome<> joined(std::initializer_list<Outcome<>> outcomes) {
  std::optional<Failure> first;
  for (const Outcome<>& outcome : outcomes) {
    if (outcome) continue;
    if (first) {
      first->join(outcome.error());
    } else {
      first = outcome.error();
    }
  }
  return first ? Outcome<>(*std::move(first)) : Outcome<>();
}

}  // namespace sluice::cni
