// docs/metrics.md is what the catalog declares: names, kinds and labels, in the order of the names.
#include <gtest/gtest.h>

#include <cctype>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <string>

namespace sluice {
namespace {

std::string text_of(const std::string& path) {
  std::ifstream file(SLUICE_SOURCE_DIR "/" + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

using Listed = std::map<std::string, std::string>;  // Name -> "kind label,label".

std::string joined(const std::string& text, const std::regex& word) {
  std::string all;
  for (std::sregex_iterator at(text.begin(), text.end(), word), end; at != end; ++at) {
    all += (all.empty() ? "" : ",") + (*at)[1].str();
  }
  return all;
}

// "inline constexpr GaugeName<1> kClaimVfs{{"sluice_claim_vfs", "…", {"port"}}};"
Listed declared() {
  const std::regex declaration(
      R"re((Gauge|Counter|Histogram)Name<(\d)> k\w+\{\s*\{"(\w+)",([^]*?)\}\};)re");
  const std::regex labels(R"re(\{((?:"\w+",?\s*)+)\}$)re");
  const std::string catalog = text_of("pkg/metrics/catalog.h");
  Listed all;
  for (std::sregex_iterator at(catalog.begin(), catalog.end(), declaration), end; at != end; ++at) {
    std::string kind = (*at)[1].str();
    kind[0] = static_cast<char>(std::tolower(kind[0]));
    const std::string rest = (*at)[4].str();
    std::smatch found;
    const bool has_labels = (*at)[2] != "0" && std::regex_search(rest, found, labels);
    const std::string names = has_labels ? found[1].str() : "";
    all[(*at)[3]] = kind + " " + joined(names, std::regex(R"re("(\w+)")re"));
  }
  return all;
}

// "| `sluice_claim_vfs` | gauge | `port` | … |"
Listed documented() {
  const std::regex row(R"re(\| `(sluice_\w+)` \| (\w+) \| ([^|]*) \| [^|]+ \|)re");
  const std::string page = text_of("docs/metrics.md");
  Listed all;
  std::string last;
  for (std::sregex_iterator at(page.begin(), page.end(), row), end; at != end; ++at) {
    const std::string name = (*at)[1].str();
    EXPECT_LT(last, name);
    last = name;
    all[name] = (*at)[2].str() + " " + joined((*at)[3].str(), std::regex("`(\\w+)`"));
  }
  return all;
}

TEST(MetricsPage, ListsWhatTheCatalogDeclares) {
  const Listed catalog = declared();
  EXPECT_GE(catalog.size(), 35U);
  EXPECT_EQ(documented(), catalog);
}

}  // namespace
}  // namespace sluice
