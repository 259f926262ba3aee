#include "pkg/kubelet/sockets.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <utility>

#include "pkg/fs/atomic_file.h"
#include "pkg/fs/dir.h"
#include "pkg/fs/file_identity.h"
#include "pkg/rpc/unix_server.h"

namespace sluice {
namespace {

constexpr std::size_t kLongestStem = 40;
// Of a longer text what is left for people to read; the number makes the stem its own.
constexpr std::size_t kLegible = 31;

// FNV-1a of 32 bits: another version of the agent must come to the same.
std::uint32_t number_of(const std::string& text) {
  std::uint32_t number = 2166136261;
  for (const char letter : text) {
    number = (number ^ static_cast<std::uint8_t>(letter)) * 16777619;
  }
  return number;
}

std::string legible(std::string text) {
  std::ranges::replace(text, '/', '_');
  return text;
}

std::string stem_of(const std::string& text) {
  if (text.size() <= kLongestStem) return legible(text);
  return fmt::format("{}-{:08x}", legible(text.substr(0, kLegible)), number_of(text));
}

bool is_of(const std::string& name, const std::set<std::string>& beginnings) {
  return name.ends_with(".sock") &&
         std::ranges::any_of(beginnings, [&](const std::string& beginning) {
           return name.starts_with(legible(beginning.substr(0, kLegible)));
         });
}

}  // namespace

std::string new_socket_name(const std::string& text) {
  return fmt::format("{}.{:08x}.sock", stem_of(text), std::random_device()());
}

Result<> remove_stale_sockets(const std::string& directory,
                              const std::set<std::string>& beginnings) {
  const Dir dir = TRY(Dir::open(directory));
  const std::optional<std::vector<std::string>> names = TRY(dir.list("."));
  for (const std::string& name : names.value_or(std::vector<std::string>())) {
    const std::string path = fmt::format("{}/{}", directory, name);
    if (is_of(name, beginnings) && is_stale_socket(path)) TRY(remove_file(path));
  }
  return {};
}

MadeSocket made_socket(std::string path) {
  const Result<std::optional<FileIdentity>> found = identity_of(path);
  return {.path = std::move(path), .born_ns = found && *found ? (*found)->born_ns : 0};
}

std::optional<std::string> newest_socket(const std::string& directory, const std::string& text,
                                         const MadeSocket& before) {
  const Result<Dir> dir = Dir::open(directory);
  if (!dir) return std::nullopt;
  const auto names = dir->list(".");
  if (!names || !*names) return std::nullopt;
  const std::size_t length = new_socket_name(text).size();
  const std::string own = base_name(before.path);
  MadeSocket newest{.born_ns = std::max<std::uint64_t>(before.born_ns, 1)};
  for (const std::string& name : **names) {
    if (name.size() != length || !name.starts_with(stem_of(text) + ".") || name == own) continue;
    MadeSocket found = made_socket(fmt::format("{}/{}", directory, name));
    if (found.born_ns >= newest.born_ns) newest = std::move(found);
  }
  if (newest.path.empty()) return std::nullopt;
  return std::move(newest.path);
}

}  // namespace sluice
