#include "pkg/daemon/late_stop.h"

#include "pkg/daemon/succession.h"

namespace sluice {

LateStop::LateStop(const std::stop_token& first, std::chrono::milliseconds later)
    : begin_(first, [this, later] {
        thread_ = std::jthread([this, later](const std::stop_token& ended) {
          rest(ended, later);
          stop_.request_stop();
        });
      }) {}

}  // namespace sluice
