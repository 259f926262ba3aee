// docs/lane-config.schema.json says of each member what the reader does.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include <nlohmann/json.hpp>

#include "pkg/annotations/lane_config.h"

namespace sluice {
namespace {

using Json = nlohmann::json;

Json schema() {
  std::ifstream file(SLUICE_SOURCE_DIR "/docs/lane-config.schema.json");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  Json json = Json::parse(text, nullptr, false);
  EXPECT_TRUE(json.is_object());
  return json;
}

/// With what the schema wants beside the member.
LaneConfig read_with(const Json& document, const std::string& member, const Json& value,
                     Problems& problems) {
  Json config = {{"apiVersion", kLaneConfigVersion}, {"kind", kLaneConfigKind}};
  const Json& others = document["dependentRequired"];
  if (others.contains(member)) config[others[member][0].get<std::string>()] = 3;
  config[member] = value;
  return read_lane_config(config.dump(), "", problems);
}

bool is_read(const Json& document, const std::string& member, const Json& value) {
  Problems problems;
  static_cast<void>(read_with(document, member, value, problems));
  return problems.empty();
}

/// Values that the schema allows for a member.
std::vector<Json> good_values(const Json& property) {
  std::vector<Json> values = property.value("examples", std::vector<Json>());
  for (const Json& value : property.value("enum", Json::array())) values.push_back(value);
  for (const char* const limit : {"minimum", "maximum"}) {
    if (property.contains(limit)) values.push_back(property[limit]);
  }
  if (property["type"] == "boolean") values.insert(values.end(), {true, false});
  return values;
}

/// And values that it does not.
std::vector<Json> bad_values(const Json& property) {
  std::vector<Json> values = {nullptr, Json::array()};
  if (property.contains("enum")) values.emplace_back("other");
  if (property.contains("maximum")) values.emplace_back(property["maximum"].get<int>() + 1);
  if (property.contains("minimum")) values.emplace_back(property["minimum"].get<int>() - 1);
  if (property.contains("maxLength")) {
    values.emplace_back(std::string(property["maxLength"].get<std::size_t>() + 1, 'x'));
  }
  return values;
}

TEST(LaneConfigSchema, HasTheMembersThatTheReaderKnows) {
  const Json document = schema();
  std::vector<std::string> members;
  for (const auto& [member, property] : document["properties"].items()) members.push_back(member);
  std::vector<std::string> known(lane_config_members().begin(), lane_config_members().end());
  std::ranges::sort(known);
  EXPECT_EQ(members, known);
}

TEST(LaneConfigSchema, AllowsWhatTheReaderReads) {
  const Json document = schema();
  for (const auto& [member, property] : document["properties"].items()) {
    const std::vector<Json> values = good_values(property);
    EXPECT_FALSE(values.empty()) << member;
    for (const Json& value : values)
      EXPECT_TRUE(is_read(document, member, value)) << member << value;
  }
}

TEST(LaneConfigSchema, RefusesWhatTheReaderRefuses) {
  const Json document = schema();
  for (const auto& [member, property] : document["properties"].items()) {
    for (const Json& value : bad_values(property)) {
      EXPECT_FALSE(is_read(document, member, value)) << member << value;
    }
  }
}

TEST(LaneConfigSchema, HasNoMemberThatIsLostWhenConfigurationsMerge) {
  const Json document = schema();
  for (const auto& [member, property] : document["properties"].items()) {
    if (member == "apiVersion" || member == "kind") continue;
    for (const Json& value : good_values(property)) {
      Problems problems;
      const LaneConfig later = read_with(document, member, value, problems);
      LaneConfig merged;
      merge(merged, later);
      EXPECT_EQ(merged, later) << member;
      EXPECT_NE(merged, LaneConfig()) << member;
    }
  }
}

}  // namespace
}  // namespace sluice
