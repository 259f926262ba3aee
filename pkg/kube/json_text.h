#pragma once

#include <map>
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace sluice {

/// A member that is text; empty when `object` is no object, or has none such. Never throws.
std::string json_text(const nlohmann::json& object, const char* key);

/// The members of a member that are text: annotations, labels, quantities.
std::map<std::string, std::string> json_texts(const nlohmann::json& object, const char* key);

}  // namespace sluice
