#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace sluice::bench {

/// A directory that goes with this object; in memory, as /run is on a node, for a disk's file
/// system would be measured along.
class Scratch {
 public:
  Scratch() : path_("/dev/shm/sluice-bench-XXXXXX") {
    if (::mkdtemp(path_.data()) == nullptr) std::abort();
  }

  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::string& path() const { return path_; }

  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace sluice::bench
