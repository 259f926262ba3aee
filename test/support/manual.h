#pragma once

#include <fstream>
#include <string>
#include <vector>

namespace sluice {

/// The JSON examples of a page of the manual; none when there is no such page.
inline std::vector<std::string> json_examples_of(const std::string& page) {
  std::ifstream file(page);
  std::vector<std::string> examples;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line == "```json") {
      inside = true;
      examples.emplace_back();
    } else if (line == "```") {
      inside = false;
    } else if (inside) {
      examples.back() += line + "\n";
    }
  }
  return examples;
}

}  // namespace sluice
