#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace sluice {

/// What files' texts were last decoded to, by the files' names: a file that is as it was is read
/// again, but not taken apart again. Thread-safe.
template <typename Value>
class DecodedCache {
 public:
  /// The value that was kept for this text; nullopt when the file's last one was another.
  std::optional<Value> find(const std::string& name, std::string_view text) const {
    const std::lock_guard lock(mutex_);
    const auto found = files_.find(name);
    if (found == files_.end() || found->second.text != text) return std::nullopt;
    return found->second.value;
  }

  void keep(const std::string& name, std::string_view text, Value value) {
    const std::lock_guard lock(mutex_);
    files_.insert_or_assign(name, File{.text = std::string(text), .value = std::move(value)});
  }

  void forget(const std::string& name) {
    const std::lock_guard lock(mutex_);
    files_.erase(name);
  }

 private:
  struct File {
    std::string text;
    Value value;
  };

  mutable std::mutex mutex_;  // Guards the one below.
  std::map<std::string, File> files_;
};

}  // namespace sluice
