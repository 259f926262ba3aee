#include "pkg/netlink/netns_search.h"

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <filesystem>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include "pkg/base/strings.h"

namespace sluice {
namespace {

namespace fs = std::filesystem;

/// Empty where there is no such directory any more: processes come and go while we look.
std::vector<std::string> entries_of(const std::string& directory) {
  std::vector<std::string> entries;
  std::error_code failed;
  for (fs::directory_iterator at(directory, failed), end; !failed && at != end;
       at.increment(failed)) {
    entries.push_back(at->path().string());
  }
  return entries;
}

std::vector<std::string> processes() {
  std::vector<std::string> paths = entries_of("/proc");
  std::erase_if(paths, [](const std::string& path) {
    return !parse_int<int>(fs::path(path).filename().string());
  });
  return paths;
}

/// What is opened by a name in /run/netns shows that name, and "/" when the name is gone. Only what
/// can be a namespace is looked at: asking for the rest may block on a file system that hangs.
bool links_to_netns(const std::string& path) {
  std::error_code failed;
  const std::string target = fs::read_symlink(path, failed).string();
  if (target.starts_with("net:[")) return true;
  if (target != "/" && target.find("/netns/") == std::string::npos) return false;
  struct statfs filesystem {};
  return ::statfs(path.c_str(), &filesystem) == 0 && filesystem.f_type == NSFS_MAGIC;
}

class Visitor {
 public:
  explicit Visitor(const std::function<Result<bool>(const std::string&)>& visit) : visit_(visit) {}

  /// Whether the search is over.
  Result<bool> see(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return false;
    // The inode is free for another namespace once this one dies, but not within one search.
    if (!seen_.emplace(status.st_dev, status.st_ino).second) return false;
    return visit_(path);
  }

  Result<bool> see_descriptors(const std::string& process) {
    for (const std::string& path : entries_of(process + "/fd")) {
      if (!links_to_netns(path)) continue;
      const bool over = TRY(see(path));
      if (over) return true;
    }
    return false;
  }

 private:
  const std::function<Result<bool>(const std::string&)>& visit_;
  std::set<std::pair<dev_t, ino_t>> seen_;
};

}  // namespace

Result<> visit_netns_paths(const std::function<Result<bool>(const std::string& path)>& visit) {
  Visitor visitor(visit);
  for (const std::string& path : entries_of("/run/netns")) {
    const bool over = TRY(visitor.see(path));
    if (over) return {};
  }
  const std::vector<std::string> running = processes();
  for (const std::string& process : running) {
    const bool over = TRY(visitor.see(process + "/ns/net"));
    if (over) return {};
  }
  for (const std::string& process : running) {
    const bool over = TRY(visitor.see_descriptors(process));
    if (over) return {};
  }
  return {};
}

}  // namespace sluice
