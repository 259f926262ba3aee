#include "pkg/ledger/offers.h"

#include "test/fuzz/fuzz.h"

namespace sluice {

void try_input(const std::uint8_t* data, std::size_t size) {
  const Result<std::vector<Offer>> offers = decode_offers(text_of(data, size));
  if (!offers) return;
  const Result<std::vector<Offer>> again = decode_offers(encode_offers(*offers));
  require(again && *again == *offers);
}

}  // namespace sluice
