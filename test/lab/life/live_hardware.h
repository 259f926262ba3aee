#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "pkg/netlink/live_kernel.h"
#include "test/lab/life/mortal_kernel.h"
#include "test/life/hardware.h"

namespace sluice {

/// What ports behind this machine's kernel have in common: processes that can die, and two pods,
/// whose namespaces are bound to paths of /run/netns.
class LiveHardware : public Hardware {
 public:
  LiveHardware();
  LiveHardware(const LiveHardware&) = delete;
  LiveHardware& operator=(const LiveHardware&) = delete;
  ~LiveHardware() override;

  Kernel& kernel() override { return mortal_; }
  std::chrono::seconds timeout() const override { return std::chrono::seconds(60); }
  Progress progress() override;
  std::string netns_of(const std::string& pod) const override;
  void kill_pod(const std::string& pod) override;
  bool die_before(int nth, std::function<void()> at_death) override;
  bool is_dead() const override { return process_.is_dead(); }
  void revive() override { process_.revive(); }

  /// Only the port knows what frames pass, and neither of them says.
  std::optional<bool> talks(int) override { return std::nullopt; }

  /// What the port's driver reports, which is all that can be asked.
  std::optional<Rate> programmed(int index) override;

 protected:
  /// Whatever became of the process.
  LiveKernel& live() { return *live_; }

  /// The port's link; it has one in the host's namespace.
  virtual Link port_link() = 0;

 private:
  std::unique_ptr<LiveKernel> live_;
  Mortality process_;
  MortalKernel mortal_;
};

/// Writes a file of the kernel; false when it refuses.
bool write_file(const std::string& path, const std::string& text);

/// Asks again until `condition` holds; false after a minute.
bool eventually(const std::function<bool()>& condition);

}  // namespace sluice
