#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace sluice {

/// The documents of a YAML file as JSON: unquoted true, false, null and whole numbers are what they
/// say, all else is text. Fails the test and is empty where it cannot be read.
std::vector<nlohmann::json> yaml_documents(const std::string& path);

}  // namespace sluice
