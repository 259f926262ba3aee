#include "pkg/json/problems.h"

namespace sluice {

std::string to_string(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& problem : problems) {
    text += problem.at.empty() ? problem.what : problem.at + ": " + problem.what;
    text += '\n';
  }
  return text;
}

}  // namespace sluice
