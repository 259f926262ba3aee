#include "bench/program.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "pkg/base/unique_fd.h"

namespace sluice::bench {
namespace {

// In memory and not a pipe, so that nothing ever waits for the other side.
Result<UniqueFd> memory_file(const std::string& text) {
  UniqueFd fd(::memfd_create("sluice-bench", MFD_CLOEXEC));
  if (!fd) return Error::from_errno(errno, "memfd_create");
  if (::pwrite(fd.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
    return Error::from_errno(errno, "write to memory file");
  }
  return fd;
}

std::string content_of(const UniqueFd& file) {
  std::string text;
  std::array<char, 4096> block{};
  for (;;) {
    const ssize_t got =
        ::pread(file.get(), block.data(), block.size(), static_cast<off_t>(text.size()));
    if (got <= 0) return text;
    text.append(block.data(), static_cast<std::size_t>(got));
  }
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

Result<std::string> run_program(const std::string& path,
                                const std::vector<std::string>& environment,
                                const std::string& input,
                                const std::vector<std::string>& arguments) {
  const UniqueFd in = TRY(memory_file(input));
  const UniqueFd out = TRY(memory_file(""));
  std::vector<std::string> command = {path};
  command.insert(command.end(), arguments.begin(), arguments.end());
  std::vector<std::string> variables = environment;

  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, in.get(), STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, out.get(), STDOUT_FILENO);
  // The plugin's log: a slow terminal is not to be measured.
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  const int failed = ::posix_spawn(&child, path.c_str(), &actions, nullptr,
                                   pointers_to(command).data(), pointers_to(variables).data());
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return Error::from_errno(failed, fmt::format("run '{}'", path));
  int status = 0;
  if (::waitpid(child, &status, 0) != child) return Error::from_errno(errno, "waitpid");
  std::string output = content_of(out);
  if (status != 0) {
    return Error(Code::internal, fmt::format("'{}' ended with {}: {}", path, status, output));
  }
  return output;
}

}  // namespace sluice::bench
