#include "agent/config/kept_config.h"

#include <filesystem>
#include <utility>

#include "pkg/fs/atomic_file.h"

namespace sluice {

Result<> KeptConfig::keep(const std::string& text) {
  if (kept_ == text && !text.empty()) return {};
  const Result<std::string> there = read_file(path_);
  if (!there || *there != text) {
    TRY(make_directories(std::filesystem::path(path_).parent_path()));
    TRY(replace_file(path_, text, Durability::power_loss).context("keep the configuration"));
  }
  kept_ = text;
  return {};
}

Result<Config> KeptConfig::load() const {
  const std::string text = TRY(read_file(path_).context("last good configuration"));
  ParsedConfig parsed = parse_config(text);
  if (parsed.problems.empty()) return std::move(parsed.config);
  return Error(Code::invalid_argument,
               fmt::format("last good configuration '{}':\n{}", path_, to_string(parsed.problems)));
}

}  // namespace sluice
