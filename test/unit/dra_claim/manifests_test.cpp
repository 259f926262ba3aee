// The manifests of deploy/claims and deploy/examples: what they say is read, and what they name is
// there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "pkg/annotations/lane_config.h"
#include "pkg/config/config.h"
#include "test/support/yaml.h"

namespace sluice {
namespace {

namespace fs = std::filesystem;

using Json = nlohmann::json;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const fs::path kDeploy = SLUICE_SOURCE_DIR "/deploy";

std::string text_of(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::vector<fs::path> files(const char* folder, const char* extension) {
  std::vector<fs::path> found;
  for (const auto& each : fs::directory_iterator(kDeploy / folder)) {
    if (each.path().extension() == extension) found.push_back(each.path());
  }
  return found;
}

/// What `use` is called with: each value of the member, however deep.
template <typename Use>
void each(const Json& json, const std::string& member, Use use) {
  if (json.is_object() && json.contains(member)) use(json[member]);
  if (!json.is_structured()) return;
  for (const auto& [key, value] : json.items()) each(value, member, use);
}

std::set<std::string> names_of(const std::vector<Json>& objects, const std::string& kind) {
  std::set<std::string> names;
  for (const Json& object : objects) {
    if (object["kind"] == kind) names.insert(object["metadata"]["name"]);
  }
  return names;
}

std::set<std::string> class_names() {
  auto names = names_of(yaml_documents(kDeploy / "claims/deviceclass.yaml"), "DeviceClass");
  names.merge(names_of(yaml_documents(kDeploy / "examples/deviceclasses.yaml"), "DeviceClass"));
  return names;
}

Config example(const char* name) {
  const ParsedConfig parsed = parse_config(text_of(kDeploy / "examples" / name));
  EXPECT_EQ(to_string(parsed.problems), "") << name;
  return parsed.config;
}

class Manifest : public testing::TestWithParam<fs::path> {
 protected:
  const std::vector<Json> objects_ = yaml_documents(GetParam());
};

TEST_P(Manifest, IsReadAndHasObjects) {
  EXPECT_THAT(objects_, Not(IsEmpty()));
  for (const Json& object : objects_) {
    EXPECT_TRUE(object.contains("apiVersion") && object.contains("kind")) << object;
  }
}

TEST_P(Manifest, HasLaneConfigsThatAreRead) {
  for (const Json& object : objects_) {
    each(object, "opaque", [](const Json& opaque) {
      EXPECT_EQ(opaque["driver"], "sluice.dev");
      Problems problems;
      read_lane_config(opaque["parameters"].dump(), "", problems);
      EXPECT_EQ(to_string(problems.all()), "");
    });
  }
}

TEST_P(Manifest, NamesDeviceClassesThatAreThere) {
  for (const Json& object : objects_) {
    each(object, "deviceClassName",
         [](const Json& name) { EXPECT_THAT(class_names(), Contains(name.get<std::string>())); });
  }
}

TEST_P(Manifest, NamesRequestsOfItsClaims) {
  std::set<std::string> requests;
  for (const Json& object : objects_) {
    each(object, "devices", [&](const Json& devices) {
      for (const Json& request : devices["requests"]) requests.insert(request["name"]);
    });
  }
  const auto is_there = [&](const Json& name) {
    EXPECT_THAT(requests, Contains(name.get<std::string>()));
  };
  for (const Json& object : objects_) {
    each(object, "constraints", [&](const Json& constraints) {
      for (const Json& each : constraints) std::ranges::for_each(each["requests"], is_there);
    });
    each(object, "config", [&](const Json& configs) {
      for (const Json& each : configs) {
        if (each.contains("requests")) std::ranges::for_each(each["requests"], is_there);
      }
    });
    each(object, "claims", [&](const Json& claims) {
      for (const Json& each : claims) {
        if (each.contains("request")) is_there(each["request"]);
      }
    });
  }
}

TEST_P(Manifest, NamesClaimsOfItsOwn) {
  for (const Json& object : objects_) {
    each(object, "resourceClaimName", [&](const Json& name) {
      EXPECT_THAT(names_of(objects_, "ResourceClaim"), Contains(name.get<std::string>()));
    });
    each(object, "resourceClaimTemplateName", [&](const Json& name) {
      EXPECT_THAT(names_of(objects_, "ResourceClaimTemplate"), Contains(name.get<std::string>()));
    });
  }
}

TEST_P(Manifest, AsksForCapacitiesAndAttributesThatDevicesHave) {
  for (const Json& object : objects_) {
    each(object, "capacity", [](const Json& capacity) {
      for (const auto& [name, amount] : capacity["requests"].items()) EXPECT_EQ(name, "bandwidth");
    });
    for (const char* const constraint : {"matchAttribute", "distinctAttribute"}) {
      each(object, constraint, [](const Json& name) { EXPECT_EQ(name, "sluice.dev/port"); });
    }
  }
}

std::vector<fs::path> manifests() {
  std::vector<fs::path> all = files("examples", ".yaml");
  for (const char* const name : {"deviceclass.yaml", "lane-config.yaml", "own-slices.yaml"}) {
    all.push_back(kDeploy / "claims" / name);
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(Deploy, Manifest, testing::ValuesIn(manifests()), [](const auto& each) {
  std::string name = each.param.stem();
  std::erase(name, '-');
  return name;
});

TEST(Examples, ThatAreClaimsAreInTheManual) {
  const std::string manual = text_of(kDeploy / "../docs/claims.md");
  std::vector<std::string> named;
  for (const fs::path& file : files("examples", ".yaml")) {
    for (const Json& object : yaml_documents(file)) {
      bool is_claim = object["kind"] == "DeviceClass";
      each(object, "deviceClassName", [&](const Json&) { is_claim = true; });
      if (is_claim) named.push_back(file.filename());
    }
  }
  EXPECT_THAT(named, testing::SizeIs(testing::Ge(5U)));
  named.emplace_back("extended-resource.yaml");
  for (const std::string& name : named) EXPECT_THAT(manual, HasSubstr("deploy/examples/" + name));
}

TEST(Examples, HaveADeviceClassForEachClassThatClaimsServe) {
  const Config config = example("classes-by-claims.json");
  std::set<std::string> resources;
  for (const Json& object : yaml_documents(kDeploy / "examples/deviceclasses.yaml")) {
    if (!object["spec"].contains("extendedResourceName")) continue;
    const std::string resource = object["spec"]["extendedResourceName"];
    resources.insert(resource);
    const std::string name = config.class_of(resource).value_or("");
    EXPECT_EQ(object["metadata"]["name"], name + ".sluice.dev");
    EXPECT_THAT(object["spec"]["selectors"][0]["cel"]["expression"].get<std::string>(),
                HasSubstr("?class.orValue(\"\") == \"" + name + "\""));
  }
  std::set<std::string> served;
  for (const ClassRule& rule : config.classes_of(FrontEndName::claims)) {
    served.insert(config.resource(rule.name));
  }
  EXPECT_EQ(resources, served);
}

// A LaneConfig of a class that its rates do not allow would fail each Prepare.
TEST(Examples, HaveCeilingsWithinTheirClasses) {
  const Config config = example("classes-by-claims.json");
  for (const Json& object : yaml_documents(kDeploy / "examples/deviceclasses.yaml")) {
    const std::string resource = object["spec"].value("extendedResourceName", "");
    const auto rule =
        std::ranges::find(config.classes, config.class_of(resource).value_or(""), &ClassRule::name);
    if (rule == config.classes.end()) continue;
    each(object, "parameters", [&](const Json& parameters) {
      Problems problems;
      const auto read = read_lane_config(parameters.dump(), "", problems);
      if (!read.ceiling) return;
      EXPECT_GE(*read.ceiling, rule->rate.floor) << resource;
      EXPECT_LE(*read.ceiling, rule->rate.ceiling) << resource;
    });
  }
}

TEST(Examples, AskForResourcesThatAClassOfTheExamplesIs) {
  std::set<std::string> resources;
  for (const char* const name : {"classes.json", "classes-by-claims.json", "../config.json"}) {
    const Config config = example(name);
    for (const ClassRule& rule : config.classes) resources.insert(config.resource(rule.name));
  }
  for (const fs::path& file : files("examples", ".yaml")) {
    for (const Json& object : yaml_documents(file)) {
      each(object, "limits", [&](const Json& limits) {
        for (const auto& [resource, count] : limits.items()) {
          EXPECT_THAT(resources, Contains(resource)) << file;
        }
      });
    }
  }
}

}  // namespace
}  // namespace sluice
