#include "pkg/kubelet/sockets.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "pkg/fs/atomic_file.h"
#include "pkg/fs/dir.h"
#include "pkg/rpc/unix_server.h"

namespace sluice {
namespace {

// What is left of the text; it is only for people to read.
constexpr std::size_t kLongestStem = 40;

std::string stem_of(std::string text) {
  std::ranges::replace(text, '/', '_');
  return text.substr(0, kLongestStem);
}

bool is_of(const std::string& name, const std::set<std::string>& beginnings) {
  return name.ends_with(".sock") &&
         std::ranges::any_of(beginnings, [&](const std::string& beginning) {
           return name.starts_with(stem_of(beginning));
         });
}

}  // namespace

std::string new_socket_name(std::string text) {
  return fmt::format("{}.{:08x}.sock", stem_of(std::move(text)), std::random_device()());
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

}  // namespace sluice
