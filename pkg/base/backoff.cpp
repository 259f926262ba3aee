#include "pkg/base/backoff.h"

namespace sluice {

std::chrono::milliseconds SpreadBackoff::next() {
  using Count = std::chrono::milliseconds::rep;
  const Count whole = whole_.next().count();
  std::uniform_int_distribution<Count> part(whole / 2, whole);
  return std::chrono::milliseconds(part(random_));
}

}  // namespace sluice
