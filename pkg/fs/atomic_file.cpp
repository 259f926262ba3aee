#include "pkg/fs/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "pkg/base/unique_fd.h"

namespace sluice {
namespace {

Error failed(const char* verb, const std::string& path) {
  return Error::from_errno(errno, fmt::format("{} '{}'", verb, path));
}

Result<> write_all(const UniqueFd& file, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(file.get(), content.data(), content.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return failed("write", path);
    }
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<> sync_directory_of(const std::string& path) {
  const std::string directory = path.substr(0, path.find_last_of('/') + 1);
  const UniqueFd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return failed("open", directory);
  if (::fsync(fd.get()) != 0) return failed("flush", directory);
  return {};
}

// Writes `path` + ".tmp"; what is there is overwritten.
Result<UniqueFd> write_beside(const std::string& path, std::string_view content) {
  const std::string temporary = path + ".tmp";
  UniqueFd file(
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return failed("create", temporary);
  if (Result<> written = write_all(file, content, temporary); !written) {
    ::unlink(temporary.c_str());
    return written.error();
  }
  return file;
}

Result<> rename_into_place(const std::string& path) {
  if (::rename((path + ".tmp").c_str(), path.c_str()) != 0) return failed("rename to", path);
  return {};
}

Result<std::string> read_all(const UniqueFd& file, const std::string& path) {
  std::string content;
  std::array<char, 16384> buffer;  // NOLINT(cppcoreguidelines-init-variables): read() fills it.
  for (;;) {
    const ssize_t got = ::read(file.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("read", path);
    if (got == 0) return content;
    content.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace

Result<> replace_file(const std::string& path, std::string_view content, Durability durability) {
  const UniqueFd file = TRY(write_beside(path, content));
  if (durability == Durability::power_loss && ::fsync(file.get()) != 0) {
    return failed("flush", path + ".tmp");
  }
  TRY(rename_into_place(path));
  return durability == Durability::power_loss ? sync_directory_of(path) : Result<>();
}

Result<> publish_file(const std::string& path, std::string_view content) {
  if (const Result<std::string> there = read_file(path); there && *there == content) return {};
  TRY(make_public_directories_of(path));
  const UniqueFd file = TRY(write_beside(path, content));
  if (::fchmod(file.get(), 0644) != 0) return failed("set mode of", path + ".tmp");
  return rename_into_place(path);
}

Result<> remove_file(const std::string& path) {
  if (::unlink(path.c_str()) == 0 || errno == ENOENT) return {};
  return failed("remove", path);
}

Result<std::string> read_file(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file) return failed("open", path);
  return read_all(file, path);
}

Result<std::string> read_linked_file(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return failed("open", path);
  return read_all(file, path);
}

Result<std::string> set_aside(const std::string& path) {
  for (int n = 1;; ++n) {
    std::string aside = fmt::format("{}.damaged-{}", path, n);
    // RENAME_NOREPLACE (linux/fs.h) keeps the evidence of earlier damage.
    if (::renameat2(AT_FDCWD, path.c_str(), AT_FDCWD, aside.c_str(), RENAME_NOREPLACE) == 0) {
      return aside;
    }
    if (errno != EEXIST) return failed("set aside", path);
  }
}

Result<> make_directories(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return {};
  const auto parent_end = path.find_last_of('/');
  if (errno != ENOENT || parent_end == std::string::npos || parent_end == 0) {
    return failed("make directory", path);
  }
  TRY(make_directories(path.substr(0, parent_end)));
  if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return {};
  return failed("make directory", path);
}

Result<> make_public_directories_of(const std::string& path) {
  for (auto slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    const std::string directory = path.substr(0, slash);
    if (::mkdir(directory.c_str(), 0755) == 0) {
      if (::chmod(directory.c_str(), 0755) != 0) return failed("set mode of", directory);
    } else if (errno != EEXIST) {
      return failed("make directory", directory);
    }
  }
  return {};
}

}  // namespace sluice
