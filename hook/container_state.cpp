#include "hook/container_state.h"

#include <limits>

#include <nlohmann/json.hpp>

#include "pkg/json/document.h"
#include "pkg/json/members.h"

namespace sluice::hook {
namespace {

constexpr auto kMostPid = static_cast<std::uint64_t>(std::numeric_limits<pid_t>::max());

pid_t read_state(const nlohmann::json& document, Problems& problems) {
  Members state(document, "", problems);
  if (!state.is_object()) return 0;
  const std::string version = state.text("ociVersion");
  const std::uint64_t pid = state.number("pid");
  if (!problems.empty()) return 0;
  if (version.empty()) state.reject("ociVersion", "want a version");
  if (pid == 0 || pid > kMostPid) {
    state.reject("pid", fmt::format("want a process from 1 to {}, got {}", kMostPid, pid));
    return 0;
  }
  return static_cast<pid_t>(pid);
}

// On one line: the runtime quotes it in its own error.
std::string joined(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& problem : problems) {
    text += (text.empty() ? "" : "; ") + to_string(problem);
  }
  return text;
}

}  // namespace

Result<pid_t> container_process(std::string_view text) {
  Problems problems;
  const nlohmann::json document = parse_document(text, problems);
  const pid_t pid = problems.empty() ? read_state(document, problems) : 0;
  if (problems.empty()) return pid;
  return Error(Code::invalid_argument,
               fmt::format("state of the container on stdin: {}", joined(problems.all())));
}

}  // namespace sluice::hook
