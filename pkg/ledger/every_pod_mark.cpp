#include "pkg/ledger/every_pod_mark.h"

#include <unistd.h>

#include <cerrno>

#include "pkg/fs/atomic_file.h"

namespace sluice {

bool EveryPodMark::is_set() const {
  return ::access(path_.c_str(), F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

Result<> EveryPodMark::set() const {
  if (::access(path_.c_str(), F_OK) == 0) return {};
  TRY(make_directories(path_.substr(0, path_.rfind('/'))));
  return replace_file(path_, "", Durability::power_loss);
}

Result<> EveryPodMark::clear() const {
  return remove_file(path_);
}

}  // namespace sluice
