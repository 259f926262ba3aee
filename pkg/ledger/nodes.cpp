// Character devices that containers get with a VF: a file a VF, a name a line.
#include <fmt/ranges.h>

#include "pkg/base/strings.h"
#include "pkg/fs/atomic_file.h"
#include "pkg/ledger/offers.h"

namespace sluice {

Result<> OfferStore::note_nodes(const std::string& vf,
                                const std::vector<std::string>& names) const {
  const std::string path = nodes_path(vf);
  const std::string text = fmt::format("{}\n", fmt::join(names, "\n"));
  if (const Result<std::string> there = read_file(path); there && *there == text) return {};
  TRY(make_directories(file_.dir() + "/nodes"));
  return replace_file(path, text, Durability::process_crash);
}

// A file that a power loss left empty names none.
Result<std::vector<std::string>> OfferStore::nodes_of(const std::string& vf) const {
  const Result<std::string> text = read_file(nodes_path(vf));
  if (!text && text.error().code() == Code::not_found) return std::vector<std::string>();
  if (!text) return text.error();
  std::vector<std::string> names;
  for (const std::string_view line : split(*text, '\n')) {
    if (!line.empty()) names.emplace_back(line);
  }
  return names;
}

}  // namespace sluice
