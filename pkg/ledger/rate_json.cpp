#include "pkg/ledger/rate_json.h"

#include <nlohmann/json.hpp>

namespace sluice {

nlohmann::json encode_rate(const Rate& rate) {
  return {{"floor", rate.floor.as_bits_per_second()},
          {"ceiling", rate.ceiling.as_bits_per_second()}};
}

Rate decode_rate(Members rate) {
  return {.floor = BitRate::bits_per_second(rate.number("floor")),
          .ceiling = BitRate::bits_per_second(rate.number("ceiling"))};
}

}  // namespace sluice
