#include "agent/config/live_config.h"

#include <algorithm>
#include <filesystem>

#include "pkg/fs/atomic_file.h"

namespace sluice {

namespace {

// Of a text that is no configuration, or whose domain is not one, the domain is not known.
bool knows_domain(const std::vector<Problem>& problems) {
  return std::ranges::none_of(
      problems, [](const Problem& each) { return each.at.empty() || each.at == "/domain"; });
}

}  // namespace

Result<bool> LiveConfig::reload() {
  std::string text = TRY(read_linked_file(path_));
  if (text_ == text) return false;
  ParsedConfig parsed = parse_config(text);
  const ConfigPtr in_force = current();
  if (in_force != nullptr && parsed.config.domain != in_force->domain &&
      knows_domain(parsed.problems)) {
    parsed.problems.push_back(
        {.at = "/domain",
         .what = fmt::format("'{}' is in force until the agent is started again, on a node whose "
                             "pods have no lanes; got '{}'",
                             in_force->domain, parsed.config.domain)});
  }
  if (!parsed.problems.empty()) {
    return Error(Code::invalid_argument,
                 fmt::format("{}: {} problems\n{}", path_, parsed.problems.size(),
                             to_string(parsed.problems)));
  }
  text_ = std::move(text);
  keep_networks_of(node_, parsed.config.networks);
  if (in_force != nullptr && *in_force == parsed.config) return false;
  const std::lock_guard lock(mutex_);
  config_ = std::make_shared<const Config>(std::move(parsed.config));
  return true;
}

Result<> LiveConfig::load() {
  const Result<bool> loaded = reload();
  if (loaded) return {};
  Result<Config> kept = kept_.load();
  if (!kept) {
    Error error = loaded.error();
    if (kept.error().code() != Code::not_found) error.append("\n" + kept.error().message());
    return error;
  }
  keep_networks_of(node_, kept->networks);
  const std::lock_guard lock(mutex_);
  config_ = std::make_shared<const Config>(*std::move(kept));
  return {};
}

Result<> LiveConfig::keep() {
  return text_ ? kept_.keep(*text_) : Result<>();
}

ConfigPtr LiveConfig::current() const {
  const std::lock_guard lock(mutex_);
  return config_;
}

std::string LiveConfig::directory() const {
  const std::string parent = std::filesystem::path(path_).parent_path();
  return parent.empty() ? "." : parent;
}

}  // namespace sluice
