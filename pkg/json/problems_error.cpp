#include "pkg/json/problems_error.h"

namespace sluice {

Error problems_error(const std::string& what, const Problems& problems) {
  std::string text = what;
  const char* separator = ": ";
  for (const Problem& problem : problems.all()) {
    text += separator + to_string(problem);
    separator = "; ";
  }
  return {Code::invalid_argument, std::move(text)};
}

}  // namespace sluice
