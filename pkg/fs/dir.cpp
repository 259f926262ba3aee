#include "pkg/fs/dir.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>

#include "pkg/base/strings.h"

namespace sluice {
namespace {

constexpr int kDirectory = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
constexpr std::size_t kLongestFile = 65536;
constexpr std::size_t kPage = 4096;  // sysfs attributes fit one page (Documentation/filesystems).

bool means_absent(int sys_errno) {
  return sys_errno == ENOENT || sys_errno == ENOTDIR;
}

Error failed(int sys_errno, const char* verb, const std::string& path) {
  return Error::from_errno(sys_errno, fmt::format("{} '{}'", verb, path));
}

// Adds the names of one getdents64(2) answer.
void add_names(const char* at, const char* end, std::vector<std::string>& names) {
  while (at < end) {
    dirent64 head{};
    std::memcpy(&head, at, offsetof(dirent64, d_name));
    const char* const name = at + offsetof(dirent64, d_name);
    if (std::strcmp(name, ".") != 0 && std::strcmp(name, "..") != 0) names.emplace_back(name);
    at += head.d_reclen;
  }
}

}  // namespace

Result<Dir> Dir::open(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), kDirectory));
  if (!fd) return failed(errno, "open", path);
  return Dir(std::move(fd));
}

Result<std::optional<Dir>> Dir::open_dir(const std::string& path) const {
  UniqueFd fd(::openat(fd_.get(), path.c_str(), kDirectory));
  if (fd) return std::optional(Dir(std::move(fd)));
  if (means_absent(errno)) return std::optional<Dir>();
  return failed(errno, "open", path);
}

Result<std::optional<std::string>> Dir::read(const std::string& path) const {
  const UniqueFd fd(::openat(fd_.get(), path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd && means_absent(errno)) return std::optional<std::string>();
  if (!fd) return failed(errno, "open", path);
  std::string text;
  std::array<char, kPage> page;  // NOLINT(*-init-variables): read(2) fills what is used.
  for (;;) {
    const ssize_t size = ::read(fd.get(), page.data(), page.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return failed(errno, "read", path);
    text.append(page.data(), static_cast<std::size_t>(size));
    if (text.size() > kLongestFile) return failed(EFBIG, "read", path);
    // sysfs gives an attribute whole (fs/sysfs/file.c), so less than a page is its end.
    if (size < static_cast<ssize_t>(kPage)) return std::optional(std::string(trim(text)));
  }
}

Result<> Dir::write(const std::string& path, const std::string& text) const {
  const UniqueFd fd(::openat(fd_.get(), path.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC));
  if (!fd) return failed(errno, "open", path);
  const ssize_t size = ::write(fd.get(), text.data(), text.size());
  if (size < 0) return failed(errno, "write", path);
  if (static_cast<std::size_t>(size) != text.size()) return failed(EIO, "write", path);
  return {};
}

Result<std::optional<std::vector<std::string>>> Dir::list(const std::string& path) const {
  const UniqueFd fd(::openat(fd_.get(), path.c_str(), kDirectory));
  if (!fd && means_absent(errno)) return std::optional<std::vector<std::string>>();
  if (!fd) return failed(errno, "open", path);
  std::vector<std::string> names;
  alignas(dirent64) std::array<char, 2 * kPage> entries;  // NOLINT(*-init-variables)
  for (;;) {
    const ssize_t size = ::getdents64(fd.get(), entries.data(), entries.size());
    if (size < 0 && errno == ENOENT) return std::optional<std::vector<std::string>>();  // Removed.
    if (size < 0) return failed(errno, "list", path);
    add_names(entries.data(), entries.data() + size, names);
    // sysfs fills the buffer while entries fit (fs/kernfs/dir.c), so room for one more is its end.
    if (static_cast<std::size_t>(size) + sizeof(dirent64) <= entries.size()) break;
  }
  std::sort(names.begin(), names.end());
  return std::optional(std::move(names));
}

Result<std::optional<std::string>> Dir::read_link(const std::string& path) const {
  std::array<char, PATH_MAX> target;  // NOLINT(*-init-variables): readlinkat(2) fills what is used.
  const ssize_t size = ::readlinkat(fd_.get(), path.c_str(), target.data(), target.size());
  if (size >= 0) return std::optional(std::string(target.data(), static_cast<std::size_t>(size)));
  if (means_absent(errno) || errno == EINVAL) return std::optional<std::string>();
  return failed(errno, "read link", path);
}

Result<bool> Dir::exists(const std::string& path) const {
  struct stat status {};
  if (::fstatat(fd_.get(), path.c_str(), &status, 0) == 0) return true;
  if (means_absent(errno)) return false;
  return failed(errno, "look for", path);
}

bool is_gone(const Error& error) {
  return error.sys_errno() == ENODEV || error.sys_errno() == EIO || error.sys_errno() == ENXIO;
}

std::string base_name(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

}  // namespace sluice
