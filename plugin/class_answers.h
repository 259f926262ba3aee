#pragma once

#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "plugin/answers.h"
#include "plugin/device.h"
#include "plugin/hooks.h"

namespace sluice::plugin {

/// Where and how devices are handed over.
struct HandoverSettings {
  Handover handover = Handover::cdi;
  /// /var/run/k8s.cni.cncf.io/devinfo/dp on a node (device-info specification); empty: no files.
  std::string device_info_dir;
};

/// The resource of a class: VFs, answered from the snapshot that was last taken over.
class ClassAnswers final : public Answers {
 public:
  /// `hooks` must outlive this object.
  ClassAnswers(std::string resource, HandoverSettings settings, const Hooks& hooks)
      : resource_(std::move(resource)), settings_(std::move(settings)), hooks_(hooks) {}

  void take_over(DeviceSnapshotPtr snapshot);

  std::vector<DeviceEntry> list() const override;
  Result<std::vector<std::string>> prefer(const PreferenceRequest& request) const override;
  Result<std::vector<AllocateResponse>> allocate(
      const std::vector<std::vector<std::string>>& containers) override;
  Result<> starts(const std::vector<std::string>& ids) override;

 private:
  DeviceSnapshotPtr snapshot() const;
  Error not_offered() const;
  void note_nodes(const std::vector<const Device*>& devices) const;
  void write_device_info(const std::vector<const Device*>& devices) const;

  std::string resource_;
  HandoverSettings settings_;
  const Hooks& hooks_;
  mutable std::mutex mutex_;  // Guards snapshot_.
  DeviceSnapshotPtr snapshot_;
};

}  // namespace sluice::plugin
