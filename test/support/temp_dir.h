#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace sluice {

/// A directory of its own for one test or measurement; removed with it.
class TempDir {
 public:
  /// In memory, as /run is on a node: a disk's file system would be measured along.
  static constexpr const char* kInMemory = "/dev/shm";

  explicit TempDir(const std::filesystem::path& parent = std::filesystem::temp_directory_path())
      : path_(parent / "sluice-test-XXXXXX") {
    if (::mkdtemp(path_.data()) == nullptr) std::abort();
  }

  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::string& path() const { return path_; }

  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

  void write(const std::string& name, const std::string& content) const {
    std::ofstream(*this / name) << content;
  }

  /// Empty when there is no such file.
  std::string read(const std::string& name) const {
    std::ifstream file(*this / name);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  bool has(const std::string& name) const { return std::filesystem::exists(*this / name); }

 private:
  std::string path_;
};

}  // namespace sluice
