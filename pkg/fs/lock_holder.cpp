#include "pkg/fs/lock_holder.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <vector>

#include "pkg/base/strings.h"
#include "pkg/fs/atomic_file.h"

namespace sluice {
namespace {

// How the kernel names a file there: device in hexadecimal, inode in decimal
// (fs/locks.c lock_get_status).
std::string name_of(const struct stat& file) {
  return fmt::format("{:02x}:{:02x}:{}", major(file.st_dev), minor(file.st_dev), file.st_ino);
}

// "2: FLOCK  ADVISORY  WRITE 4711 00:19:1234 0 EOF". One that waits has "->" after the number, and
// a holder of another PID namespace the number 0 or none above it.
std::optional<int> holder_in(std::string_view line, std::string_view file) {
  std::vector<std::string_view> words = split(line, ' ');
  std::erase(words, std::string_view());
  const bool is_it = words.size() >= 6 && words[1] == "FLOCK" && words[5] == file;
  if (!is_it) return std::nullopt;
  const Result<int> pid = parse_int<int>(words[4]);
  return pid && *pid > 0 ? std::optional(*pid) : std::nullopt;
}

}  // namespace

std::string to_string(const LockHolder& holder) {
  return holder.program.empty()
             ? fmt::format("process {}", holder.pid)
             : fmt::format("process {} ({})", holder.pid, in_quotes(holder.program));
}

std::optional<LockHolder> lock_holder(const std::string& path, const std::string& proc) {
  struct stat file {};
  if (::lstat(path.c_str(), &file) != 0) return std::nullopt;
  const Result<std::string> locks = read_file(proc + "/locks");
  if (!locks) return std::nullopt;
  const std::string name = name_of(file);
  for (const std::string_view line : split(*locks, '\n')) {
    const std::optional<int> pid = holder_in(line, name);
    if (!pid) continue;
    const std::string program =
        read_file(fmt::format("{}/{}/comm", proc, *pid)).value_or(std::string());
    return LockHolder{.pid = *pid, .program = std::string(trim(program))};
  }
  return std::nullopt;
}

}  // namespace sluice
