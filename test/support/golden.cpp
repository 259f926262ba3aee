#include "test/support/golden.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include <nlohmann/json.hpp>

namespace sluice {
namespace {

std::string slurp(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

testing::AssertionResult equals_golden(const std::string& text, const std::string& name) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (json.is_discarded()) return testing::AssertionFailure() << "not JSON: " << text;
  const std::string path = SLUICE_GOLDEN_DIR "/" + name;
  if (std::getenv("SLUICE_UPDATE_GOLDEN") != nullptr) {  // NOLINT(concurrency-mt-unsafe)
    std::ofstream(path) << nlohmann::ordered_json::parse(text).dump(2) << '\n';
    return testing::AssertionSuccess();
  }
  const std::string golden = slurp(path);
  if (nlohmann::json::parse(golden, nullptr, false) == json) return testing::AssertionSuccess();
  return testing::AssertionFailure() << path << " has\n" << golden << "but got\n" << json.dump(2);
}

}  // namespace sluice
