#include "pkg/lane/providers.h"

#include <memory>
#include <utility>
#include <vector>

#include "pkg/lane/soft/soft_provider.h"
#include "pkg/lane/vf/vf_provider.h"

namespace sluice {

ProviderSet providers(Kernel& kernel, const Dir& sysfs, const Ledger& ledger) {
  std::vector<std::unique_ptr<Provider>> all;
  all.push_back(std::make_unique<VfProvider>(kernel, sysfs, ledger.run_dir() + "/locks/rdma.lock"));
  all.push_back(std::make_unique<SoftProvider>(kernel, sysfs));
  return ProviderSet(std::move(all));
}

}  // namespace sluice
