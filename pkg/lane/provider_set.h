#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/lane/lane_request.h"

namespace sluice {

class Provider;

/// The providers of a program.
class ProviderSet {
 public:
  /// No two have one name, or make lanes of the same.
  explicit ProviderSet(std::vector<std::unique_ptr<Provider>> all);
  ProviderSet(const ProviderSet&) = delete;
  ProviderSet(ProviderSet&&) noexcept;
  ProviderSet& operator=(const ProviderSet&) = delete;
  ProviderSet& operator=(ProviderSet&&) noexcept;
  ~ProviderSet();

  const std::vector<std::unique_ptr<Provider>>& all() const { return all_; }

  /// nullptr when there is none of that name.
  Provider* find(std::string_view name) const;

  /// unsupported when there is none of that name: a record of another version.
  Result<Provider*> named(std::string_view name) const;

  /// The one whose lanes are made of that; invalid_argument when none is.
  Result<Provider*> maker_of(const Material& asked) const;

 private:
  std::vector<std::unique_ptr<Provider>> all_;
};

}  // namespace sluice
