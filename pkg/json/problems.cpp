#include "pkg/json/problems.h"

namespace sluice {

std::string to_string(const Problem& problem) {
  return problem.at.empty() ? problem.what : problem.at + ": " + problem.what;
}

std::string to_string(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& problem : problems) text += to_string(problem) + "\n";
  return text;
}

}  // namespace sluice
