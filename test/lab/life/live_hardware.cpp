#include "test/lab/life/live_hardware.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <thread>

namespace sluice {
namespace {

constexpr const char* kPods[] = {"p1", "p2"};

/// As `ip netns add` does it, without a process for it.
void bind_new_netns(const std::string& path) {
  std::ofstream(path).close();
  std::jthread([&] {
    const bool bound =
        ::unshare(CLONE_NEWNET) == 0 &&
        ::mount("/proc/thread-self/ns/net", path.c_str(), nullptr, MS_BIND, nullptr) == 0;
    if (!bound) std::fprintf(stderr, "cannot make %s: errno %d\n", path.c_str(), errno);
  }).join();
}

}  // namespace

bool write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path);
  file << text << std::flush;
  return file.good();
}

bool eventually(const std::function<bool()>& condition) {
  for (int i = 0; i < 3000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return false;
}

LiveHardware::LiveHardware() : live_(LiveKernel::open().value()), mortal_(*live_, process_) {
  std::filesystem::create_directories("/run/netns");
  for (const char* const pod : kPods) {
    kill_pod(pod);
    bind_new_netns(netns_of(pod));
  }
}

LiveHardware::~LiveHardware() {
  for (const char* const pod : kPods) kill_pod(pod);
}

Progress LiveHardware::progress() {
  return [](const std::string&) {};
}

std::string LiveHardware::netns_of(const std::string& pod) const {
  return "/run/netns/life-" + pod;
}

void LiveHardware::kill_pod(const std::string& pod) {
  ::umount2(netns_of(pod).c_str(), MNT_DETACH);
  ::unlink(netns_of(pod).c_str());
}

bool LiveHardware::die_before(int nth, std::function<void()> at_death) {
  process_.die_before(nth, std::move(at_death));
  return true;
}

std::optional<Rate> LiveHardware::programmed(int index) {
  const Result<VfList> list = live().links().vfs(port_link().index);
  const VfInfo* const info = list ? list->find(index) : nullptr;
  return info != nullptr ? info->rate : std::nullopt;
}

}  // namespace sluice
