#include "pkg/ledger/offers.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "pkg/ledger/json_fields.h"

namespace sluice {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kVersion = 1;

constexpr const char* kWithdrawn = "withdrawn";

// Written for withdrawn offers alone, so that nearly all files are as they were before it was.
OfferState decode_state(JsonFields& fields) {
  if (!fields.has("state")) return OfferState::offered;
  const std::string text = fields.text("state");
  if (text != kWithdrawn) fields.reject("state", fmt::format("unknown state '{}'", text));
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

Result<Offer> decode_offer(const Json& json, const std::string& at) {
  JsonFields fields(json, at);
  Offer offer{.vf = fields.text("vf"),
              .port = fields.text("port"),
              .class_name = fields.text("class"),
              .rate = fields.rate("rate"),
              .state = decode_state(fields)};
  TRY(fields.status());
  return offer;
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
  return Json({{"version", kVersion}, {"offers", std::move(list)}}).dump(1) + "\n";
}

Result<std::vector<Offer>> decode_offers(std::string_view text) {
  const Json json = TRY(parse_json(text));
  JsonFields fields(json, "");
  if (fields.number("version") != kVersion) fields.reject("version", "want 1");
  const Json& list = fields.array("offers");
  TRY(fields.status());
  std::vector<Offer> offers;
  for (std::size_t i = 0; i < list.size(); ++i) {
    offers.push_back(TRY(decode_offer(list[i], fmt::format("/offers/{}", i))));
  }
  return offers;
}

}  // namespace sluice
