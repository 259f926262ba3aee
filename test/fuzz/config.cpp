#include "pkg/config/config.h"

#include "test/fuzz/fuzz.h"

namespace sluice {

void try_input(const std::uint8_t* data, std::size_t size) {
  const ParsedConfig parsed = parse_config(text_of(data, size));
  if (!parsed.problems.empty()) {
    for (const Problem& problem : parsed.problems) require(!problem.what.empty());
    return;
  }
  // What was found good can be used.
  for (const ProvisionRule& rule : parsed.config.ports.rules) {
    const BitRate usable = BitRate::gbps(100);
    const Shares shares = divide_port(rule.shares, usable, {0, 1, 2, 3, 4, 5, 6, 7});
    BitRate sum;
    for (const Share& share : shares) sum += share.bandwidth;
    require(sum <= usable);
  }
  for (const ClassRule& rule : parsed.config.classes) {
    require(class_name_problem(rule.name).empty());
    require(rule.rate.ceiling.is_zero() || rule.rate.floor <= rule.rate.ceiling);
  }
}

}  // namespace sluice
