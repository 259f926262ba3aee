#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/placement/packing.h"

namespace sluice {

/// Which ports can ever take a lane, and what it costs there. Lanes and ports alike are judged
/// once.
class Judge {
 public:
  /// Both must outlive this object.
  Judge(std::span<const NodePort* const> ports, const PodAsk& ask);

  /// Where the lane asks to be and the port takes its rate.
  PortSet could_be(std::size_t lane) const { return verdicts_[lane].could_be; }

  /// bit/s; only where it could be.
  std::uint64_t promise(std::size_t lane, std::size_t port) const;

  /// Why the lane could be nowhere.
  Error refusal(std::size_t lane) const;

 private:
  struct Verdict {
    PortSet matches = 0;
    PortSet could_be = 0;
    std::vector<std::uint64_t> promise;
  };

  PortSet matches(std::size_t lane) const;
  void judge_rate(std::size_t lane);

  std::span<const NodePort* const> ports_;
  const PodAsk& ask_;
  std::vector<const DriverCapability*> capabilities_;  // By port.
  std::vector<std::size_t> alike_;  // By port: the first one that judges rates as it does.
  std::vector<Verdict> verdicts_;   // By lane.
};

}  // namespace sluice
