#pragma once

#include <unistd.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "pkg/base/result.h"
#include "pkg/fs/atomic_file.h"
#include "pkg/ledger/decoded_cache.h"

namespace sluice {

/// A durable file of the state directory. The agent alone writes it; every reader sees the old or
/// the new file, never a mixture. Thread-safe.
template <typename Value>
class StateFile {
 public:
  /// data_loss when the text is damaged.
  using Decode = Result<Value> (*)(std::string_view text);

  /// `dir` need not exist yet.
  StateFile(std::string dir, std::string_view name, Decode decode)
      : dir_(std::move(dir)), path_(dir_ + "/" + std::string(name)), decode_(decode) {}

  /// Value() when there is no file. data_loss when it is damaged; it stays where it is.
  Result<Value> peek() const {
    const Result<std::string> text = read_file(path_);
    if (!text && text.error().code() == Code::not_found) return Value();
    if (!text) return text.error();
    if (std::optional<Value> known = known_->find(path_, *text)) return *std::move(known);
    Value value = TRY(decode_(*text).context("file '{}'", path_));
    known_->keep(path_, *text, value);
    return value;
  }

  /// The same for the agent: a damaged file has been set aside as <name>.damaged-<n> when this
  /// returns data_loss, and the error names it.
  Result<Value> load() const {
    Result<Value> value = peek();
    if (!value && value.error().code() == Code::data_loss) {
      const std::string aside = TRY(set_aside(path_).context("{}", value.error().message()));
      value.error().append(fmt::format("; moved to '{}'", aside));
    }
    return value;
  }

  bool is_there() const { return ::access(path_.c_str(), F_OK) == 0; }

  /// On disk when this returns.
  Result<> save(std::string_view text) const {
    TRY(make_directories(dir_));
    return replace_file(path_, text, Durability::power_loss);
  }

  const std::string& dir() const { return dir_; }

 private:
  std::string dir_;
  std::string path_;
  Decode decode_;
  /// Each lane of a pod looks at the file again.
  std::shared_ptr<DecodedCache<Value>> known_ = std::make_shared<DecodedCache<Value>>();
};

}  // namespace sluice
