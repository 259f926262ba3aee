#include "dra/claim/rates.h"

#include <fmt/format.h>

namespace sluice::dra {

std::string too_much(BitRate rate) {
  return fmt::format("{} is above the {} Mbit/s that a VF's rate can be", to_string(rate),
                     kMostMbps);
}

}  // namespace sluice::dra
