#include "pkg/ledger/offers.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "pkg/ledger/list_file.h"
#include "pkg/ledger/rate_json.h"

namespace sluice {
namespace {

using Json = nlohmann::json;

constexpr const char* kList = "offers";

constexpr const char* kWithdrawn = "withdrawn";

// Written for withdrawn offers alone, so that nearly all files are as they were before it was.
OfferState decode_state(Members& offer) {
  if (offer.find("state") == nullptr) return OfferState::offered;
  const std::string text = offer.text("state");
  if (text != kWithdrawn) offer.reject("state", fmt::format("unknown state '{}'", text));
  return OfferState::withdrawn;
}

Json encode_offer(const Offer& offer) {
  Json json = {{"vf", offer.vf},
               {"port", offer.port},
               {"class", offer.class_name},
               {"rate", encode_rate(offer.rate)}};
  if (offer.state == OfferState::withdrawn) json["state"] = kWithdrawn;
  return json;
}

Offer decode_offer(Members offer) {
  return {.vf = offer.text("vf"),
          .port = offer.text("port"),
          .class_name = offer.text("class"),
          .rate = decode_rate(offer.object("rate")),
          .state = decode_state(offer)};
}

}  // namespace

const Offer* offer_of(const std::vector<Offer>& offers, std::string_view vf) {
  const auto found =
      std::find_if(offers.begin(), offers.end(), [&](const Offer& o) { return o.vf == vf; });
  return found == offers.end() ? nullptr : &*found;
}

std::string encode_offers(const std::vector<Offer>& offers) {
  Json list = Json::array();
  for (const Offer& offer : offers) {
    list.push_back(encode_offer(offer));
  }
  return encode_list(kList, std::move(list));
}

Result<std::vector<Offer>> decode_offers(std::string_view text) {
  std::vector<Offer> offers;
  TRY(decode_list(text, kList,
                  [&](Members offer) { offers.push_back(decode_offer(std::move(offer))); }));
  return offers;
}

}  // namespace sluice
