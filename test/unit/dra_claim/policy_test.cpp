// deploy/claims/lane-config.yaml refuses at the API server what docs/lane-config.schema.json
// refuses. What its expressions do, test/kubelet/apiserver and test/cluster/claim_policies.test
// show.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "test/support/yaml.h"

namespace sluice {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

class LaneConfigPolicy : public testing::Test {
 protected:
  LaneConfigPolicy() {
    std::ifstream file(SLUICE_SOURCE_DIR "/docs/lane-config.schema.json");
    schema_ = Json::parse(file, nullptr, false)["properties"];
    const auto documents = yaml_documents(SLUICE_SOURCE_DIR "/deploy/claims/lane-config.yaml");
    if (documents.size() != 2) return;
    policy_ = documents[0]["spec"];
    for (const Json& variable : policy_["variables"]) {
      all_ += variable["expression"].get<std::string>() + "\n";
      if (variable["name"] == "members") members_ = variable["expression"];
    }
  }

  Json schema_;
  Json policy_;
  std::string members_;
  std::string all_;  // Expressions of all variables.
};

TEST_F(LaneConfigPolicy, KnowsTheMembersOfTheSchema) {
  std::ranges::replace(members_, '\'', '"');
  const Json members = Json::parse(members_, nullptr, false);
  std::vector<std::string> known = members.get<std::vector<std::string>>();
  std::ranges::sort(known);
  std::vector<std::string> wanted;
  for (const auto& [member, property] : schema_.items()) wanted.push_back(member);
  EXPECT_EQ(known, wanted);
}

TEST_F(LaneConfigPolicy, HasTheBoundsAndWordsOfTheSchema) {
  for (const auto& [member, property] : schema_.items()) {
    const std::string is = "l.is." + member;
    if (property.contains("minimum")) {
      EXPECT_THAT(all_, HasSubstr(is + " >= " + property["minimum"].dump() + " && " + is +
                                  " <= " + property["maximum"].dump()));
    }
    if (property.contains("maxLength")) {
      EXPECT_THAT(all_, HasSubstr("size(bytes(" + is + ")) <= " + property["maxLength"].dump()));
    }
    for (const Json& word : property.value("enum", Json::array())) {
      EXPECT_THAT(all_, HasSubstr("'" + word.get<std::string>() + "'")) << member;
    }
    if (property["type"] == "boolean") {
      EXPECT_THAT(all_, HasSubstr("type(" + is + ") != bool"));
    }
    if (property["type"] == "integer") {
      EXPECT_THAT(all_, HasSubstr("type(" + is + ") == int"));
    }
  }
}

TEST_F(LaneConfigPolicy, NamesThePathOfEachMember) {
  for (const auto& [member, property] : schema_.items()) {
    EXPECT_THAT(all_, HasSubstr("l.at + '." + member + ": want ")) << member;
  }
}

TEST_F(LaneConfigPolicy, IsForEveryObjectThatCanHoldOne) {
  const Json rule = policy_["matchConstraints"]["resourceRules"][0];
  EXPECT_EQ(rule["resources"],
            Json::array({"resourceclaims", "resourceclaimtemplates", "deviceclasses"}));
  for (const Json& resource : rule["resources"]) {
    EXPECT_THAT(all_, HasSubstr("'" + resource.get<std::string>() + "': 'spec."));
  }
}

}  // namespace
}  // namespace sluice
