// One admission: judge the rates, round the floor, find room for it on the port.
#include "pkg/bandwidth/admission.h"

#include "bench/bench.h"

namespace sluice::bench {
namespace {

constexpr int kRounds = 31;
constexpr int kPerRound = 20'000;

/// Floors that fit one after the other, so that no round measures refusals.
double one_round() {
  PortBudget budget{.port = "0000:3b:00.0",
                    .line_rate = BitRate::gbps(100),
                    .usable = BitRate::gbps(100),
                    .promised = {}};
  const DriverCapability& capability = capability_of("mlx5_core");
  std::uint64_t refused = 0;
  const double taken = seconds([&] {
    for (int i = 0; i < kPerRound; ++i) {
      const Rate asked = {.floor = BitRate::mbps(static_cast<std::uint64_t>(1 + i % 4)),
                          .ceiling = BitRate::gbps(10)};
      const Result<> valid = validate(capability, budget.line_rate, asked);
      const Result<BitRate> sum = admit(budget, effective_promise(capability, asked.floor));
      if (valid && sum) budget.promised = *sum;
      refused += valid && sum ? 0U : 1U;
    }
  });
  return refused == 0 ? taken / kPerRound : 1;
}

}  // namespace
}  // namespace sluice::bench

int main() {
  using namespace sluice::bench;  // NOLINT(google-build-using-namespace)
  std::vector<double> rounds;
  rounds.reserve(kRounds);
  for (int i = 0; i < kRounds; ++i) rounds.push_back(one_round());
  constexpr std::size_t kBytes = 4096;  // A hundredth of it is what an admission may take.
  const bool fast = print({.what = "admission",
                           .measured = median(rounds),
                           .reference = arithmetic(kBytes),
                           .reference_name = "FNV-1a of 4 KiB",
                           .most_ratio = 0.1});
  return fast ? 0 : 1;
}
