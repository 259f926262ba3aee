// What the pages name is there: files of the tree, functions in them, pages and headings that links
// lead to.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "pkg/base/strings.h"

namespace sluice {
namespace {

namespace fs = std::filesystem;

const fs::path kTree = SLUICE_SOURCE_DIR;

std::vector<fs::path> pages() {
  std::vector<fs::path> all = {kTree / "README.md"};
  for (const auto& entry : fs::directory_iterator(kTree / "docs")) {
    if (entry.path().extension() == ".md") all.push_back(entry.path());
  }
  return all;
}

std::string text_of(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

/// Lines of prose: no code, neither fenced nor indented.
std::vector<std::string> prose_of(const fs::path& page) {
  std::ifstream file(page);
  std::vector<std::string> lines;
  bool is_code = false;
  for (std::string line; std::getline(file, line);) {
    const bool is_fence = line.starts_with("```");
    if (is_fence) is_code = !is_code;
    if (!is_code && !is_fence && !line.starts_with("    ")) lines.push_back(line);
  }
  return lines;
}

/// What stands in a line between backticks.
std::vector<std::string> code_in(const std::string& line) {
  const std::vector<std::string_view> parts = split(line, '`');
  std::vector<std::string> spans;
  for (std::size_t i = 1; i + 1 < parts.size(); i += 2) spans.emplace_back(parts[i]);
  return spans;
}

/// Whether it is a path of the tree: it begins with one of its folders and holds nothing but a
/// path.
bool is_path(const std::string& span) {
  const bool is_plain = std::ranges::all_of(span, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '/' || c == '.' || c == '_' ||
           c == '-';
  });
  const std::size_t slash = span.find('/');
  if (!is_plain || slash == 0 || slash == std::string::npos) return false;
  const std::string folder = span.substr(0, slash);
  return folder != "build" && fs::is_directory(kTree / folder);
}

/// Where links of the line lead to, other than to the web.
std::vector<std::string> links_in(const std::string& line) {
  std::vector<std::string> targets;
  for (std::size_t at = line.find("]("); at != std::string::npos; at = line.find("](", at + 2)) {
    const std::size_t end = line.find(')', at);
    if (end == std::string::npos) break;
    std::string target = line.substr(at + 2, end - at - 2);
    if (target.find("://") == std::string::npos) targets.push_back(std::move(target));
  }
  return targets;
}

/// The name by which links know a heading.
std::string anchor_of(std::string_view heading) {
  std::string anchor;
  for (const char c : to_lower(trim(heading))) {
    if (c == ' ') anchor += '-';
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_') anchor += c;
  }
  return anchor;
}

bool has_heading(const fs::path& page, const std::string& anchor) {
  const std::vector<std::string> lines = prose_of(page);
  return std::ranges::any_of(lines, [&](const std::string& line) {
    const std::size_t text = line.find_first_not_of('#');
    return text != 0 && text != std::string::npos && anchor_of(line.substr(text)) == anchor;
  });
}

TEST(Pages, LinksLeadSomewhere) {
  for (const fs::path& page : pages()) {
    for (const std::string& line : prose_of(page)) {
      for (const std::string& link : links_in(line)) {
        const std::size_t hash = link.find('#');
        const std::string file = link.substr(0, hash);
        const fs::path target = file.empty() ? page : page.parent_path() / file;
        EXPECT_TRUE(fs::exists(target)) << page << ": " << link;
        if (hash == std::string::npos) continue;
        EXPECT_TRUE(has_heading(target, link.substr(hash + 1))) << page << ": " << link;
      }
    }
  }
}

TEST(Pages, NameFilesThatAreThere) {
  for (const fs::path& page : pages()) {
    for (const std::string& line : prose_of(page)) {
      for (const std::string& span : code_in(line)) {
        if (!is_path(span)) continue;
        EXPECT_TRUE(fs::exists(kTree / span)) << page << ": " << span;
      }
    }
  }
}

TEST(Pages, DesignNamesFunctionsOfTheFilesBeforeThem) {
  int names = 0;
  for (const std::string& line : prose_of(kTree / "docs/design.md")) {
    if (!line.starts_with("| ")) continue;
    std::string file;
    for (const std::string& span : code_in(line)) {
      if (is_path(span)) {
        file = span;
        continue;
      }
      EXPECT_NE(text_of(kTree / file).find(span), std::string::npos) << file << ": " << span;
      ++names;
    }
  }
  EXPECT_GE(names, 15);
}

/// "Suite.Name" of every GoogleTest case, a line each.
std::string all_tests() {
  const std::regex macro(R"(TEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\))");
  std::string names = "\n";
  for (const auto& entry : fs::recursive_directory_iterator(kTree / "test")) {
    const fs::path extension = entry.path().extension();
    if (extension != ".cpp" && extension != ".h") continue;
    const std::string text = text_of(entry.path());
    for (std::sregex_iterator at(text.begin(), text.end(), macro), end; at != end; ++at) {
      names += (*at)[1].str() + "." + (*at)[2].str() + "\n";
    }
  }
  return names;
}

TEST(Pages, NameTestsThatAreThere) {
  // A name may stand for all that begin with it: "Suite.AGrant…".
  const std::regex test(R"([A-Z]\w+\.[A-Z]\w+(…)?)");
  const std::string names = all_tests();
  int found = 0;
  for (const fs::path& page : pages()) {
    for (const std::string& line : prose_of(page)) {
      for (const std::string& span : code_in(line)) {
        std::smatch match;
        if (!std::regex_match(span, match, test)) continue;
        const std::string wanted = match[1].matched
                                       ? "\n" + std::string(span.begin(), match[1].first)
                                       : "\n" + span + "\n";
        EXPECT_NE(names.find(wanted), std::string::npos) << page << ": " << span;
        ++found;
      }
    }
  }
  EXPECT_GE(found, 15);
}

TEST(Pages, AllAreInTheList) {
  const std::string list = text_of(kTree / "docs/README.md");
  for (const fs::path& page : pages()) {
    const std::string name = page.filename().string();
    if (name == "README.md") continue;
    EXPECT_NE(list.find("(" + name + ")"), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace sluice
