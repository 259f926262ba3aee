#pragma once

#include <string_view>
#include <vector>

#include "dra/service/claim_handler.h"
#include "pkg/metrics/metrics.h"

namespace sluice {

/// Counts the kubelet's calls for claims by what came of them, and how long they took. Any number
/// of threads.
class MeasuredClaims final : public dra::ClaimHandler {
 public:
  /// Both must outlive this object.
  MeasuredClaims(dra::ClaimHandler& handler, Metrics& metrics);

  Result<std::vector<dra::PreparedDevice>> prepare(const dra::ClaimRef& claim) override;
  Result<> unprepare(const dra::ClaimRef& claim) override;

 private:
  template <typename Answer>
  Answer measured(std::string_view call, const dra::ClaimRef& claim,
                  Answer (dra::ClaimHandler::*method)(const dra::ClaimRef&));

  dra::ClaimHandler& handler_;
  Metrics& metrics_;
};

}  // namespace sluice
