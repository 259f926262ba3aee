#include "pkg/fs/watch.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace sluice {
namespace {

constexpr std::uint32_t kEntries =
    IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE;
constexpr std::uint32_t kItself = IN_DELETE_SELF | IN_MOVE_SELF;

void add(const inotify_event& event, const char* name, DirectoryChanges& changes) {
  if ((event.mask & IN_Q_OVERFLOW) != 0) changes.lost = true;
  if ((event.mask & (kItself | IN_IGNORED)) != 0) changes.gone = true;
  // The name is padded with NULs to event.len.
  if (event.len > 0) changes.names.emplace_back(name);
}

void decode(const char* bytes, std::size_t size, DirectoryChanges& changes) {
  while (size >= sizeof(inotify_event)) {
    inotify_event event{};
    std::memcpy(&event, bytes, sizeof(event));
    add(event, bytes + sizeof(event), changes);
    const std::size_t length = sizeof(event) + event.len;
    bytes += length;
    size -= std::min(size, length);
  }
}

}  // namespace

Result<Watch> Watch::open(const std::string& directory) {
  UniqueFd inotify(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!inotify) return Error::from_errno(errno, "start inotify");
  if (::inotify_add_watch(inotify.get(), directory.c_str(), kEntries | kItself | IN_ONLYDIR) < 0) {
    return Error::from_errno(errno, fmt::format("watch '{}'", directory));
  }
  return Watch(std::move(inotify));
}

Result<DirectoryChanges> Watch::drain() const {
  DirectoryChanges changes;
  std::array<char, 16384> buffer;  // NOLINT(cppcoreguidelines-init-variables): read() fills it.
  for (;;) {
    const ssize_t got = ::read(inotify_.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) break;
    if (got < 0) return Error::from_errno(errno, "read inotify events");
    decode(buffer.data(), static_cast<std::size_t>(got), changes);
  }
  std::ranges::sort(changes.names);
  changes.names.erase(std::unique(changes.names.begin(), changes.names.end()), changes.names.end());
  return changes;
}

}  // namespace sluice
