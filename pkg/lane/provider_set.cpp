#include "pkg/lane/provider_set.h"

#include <algorithm>

#include "pkg/lane/provider.h"

namespace sluice {

ProviderSet::ProviderSet(std::vector<std::unique_ptr<Provider>> all) : all_(std::move(all)) {}

ProviderSet::ProviderSet(ProviderSet&&) noexcept = default;

ProviderSet& ProviderSet::operator=(ProviderSet&&) noexcept = default;

ProviderSet::~ProviderSet() = default;

Provider* ProviderSet::find(std::string_view name) const {
  const auto found = std::find_if(all_.begin(), all_.end(),
                                  [&](const auto& each) { return each->name() == name; });
  return found == all_.end() ? nullptr : found->get();
}

Result<Provider*> ProviderSet::named(std::string_view name) const {
  if (Provider* const found = find(name); found != nullptr) return found;
  return Error(Code::unsupported, fmt::format("this version of sluice has no provider '{}'", name));
}

Result<Provider*> ProviderSet::maker_of(const Material& asked) const {
  const auto found =
      std::find_if(all_.begin(), all_.end(), [&](const auto& each) { return each->makes(asked); });
  if (found != all_.end()) return found->get();
  return Error(Code::invalid_argument, "the request does not say what its lane is made of");
}

}  // namespace sluice
