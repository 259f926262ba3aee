#include "test/support/yaml.h"

#include <gtest/gtest.h>

#include "pkg/base/strings.h"

#include <yaml-cpp/yaml.h>

namespace sluice {
namespace {

using Json = nlohmann::json;

Json scalar(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  if (node.Tag() == "!") return text;  // Quoted.
  if (text == "true" || text == "false") return text == "true";
  if (const auto number = parse_int<std::int64_t>(text)) return *number;
  return text;
}

Json to_json(const YAML::Node& node) {
  switch (node.Type()) {
    case YAML::NodeType::Scalar: return scalar(node);
    case YAML::NodeType::Sequence: {
      Json list = Json::array();
      for (const auto& each : node) list.push_back(to_json(each));
      return list;
    }
    case YAML::NodeType::Map: {
      Json object = Json::object();
      for (const auto& each : node) object[each.first.Scalar()] = to_json(each.second);
      return object;
    }
    default: return nullptr;
  }
}

}  // namespace

std::vector<Json> yaml_documents(const std::string& path) {
  std::vector<Json> documents;
  try {  // yaml-cpp throws.
    for (const YAML::Node& node : YAML::LoadAllFromFile(path)) documents.push_back(to_json(node));
  } catch (const YAML::Exception& error) {
    ADD_FAILURE() << path << ": " << error.what();
    documents.clear();
  }
  return documents;
}

}  // namespace sluice
