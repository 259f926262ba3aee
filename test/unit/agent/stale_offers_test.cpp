#include "agent/classes/stale_offers.h"

#include "test/support/result_matchers.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

constexpr const char* kPort = "0000:3b:00.0";

class StaleOffers : public testing::Test {
 protected:
  StaleOffers() {
    Port port;
    port.address = *PciAddress::parse(kPort);
    port.driver = "mlx5_core";
    inventory_.ports.push_back(port);
  }

  static Offer offer(const std::string& vf, const std::string& class_name) {
    return {.vf = vf, .port = kPort, .class_name = class_name, .rate = {}};
  }

  std::map<std::string, std::string> awaited(const std::string& config) const {
    const std::vector<Offer> offers = {offer("v0", "gold"), offer("v1", "gold"),
                                       offer("v2", "silver")};
    return stale_offers(offers, parse_config(config).config, inventory_, {"v0", "v2"});
  }

  Inventory inventory_;
};

TEST_F(StaleOffers, IsNothingWhileTheConfigurationHasAllThatPodsHold) {
  EXPECT_THAT(awaited(R"({"ports": [{"select": {}, "vfs": "max"}],
                          "classes": [{"name": "gold"}, {"name": "silver"}]})"),
              IsEmpty());
}

TEST_F(StaleOffers, D29_AreHeldVfsOfAClassThatIsGone) {
  EXPECT_THAT(awaited(R"({"ports": [{"select": {}, "vfs": "max"}],
                          "classes": [{"name": "silver"}]})"),
              ElementsAre(Pair("v0", "class 'gold' is not configured any more")));
}

TEST_F(StaleOffers, AreHeldVfsOfAClassThatClaimsServeNow) {
  EXPECT_THAT(
      awaited(
          R"({"ports": [{"select": {}, "vfs": "max", "shares": {"classes": {"vfs": 4, "bandwidth": "50%"}, "claims": {}}}],
                          "classes": [{"name": "gold", "by": "claims"}, {"name": "silver"}]})"),
      ElementsAre(Pair("v0", "class 'gold' is served by claims now")));
}

TEST_F(StaleOffers, D29_AreHeldVfsOfAPortThatIsGone) {
  const std::string why = "port 0000:3b:00.0 is not configured any more";
  EXPECT_THAT(awaited(R"({"ports": [{"select": {"driver": "ice"}, "vfs": "max"}],
                          "classes": [{"name": "gold"}, {"name": "silver"}]})"),
              ElementsAre(Pair("v0", why), Pair("v2", why)));
}

}  // namespace
}  // namespace sluice
