#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/front_end.h"
#include "agent/pods/token_answers.h"
#include "plugin/device_plugin.h"

namespace sluice {

/// Container devices for annotated pods: a front end that gives no lanes, but the devices of those
/// that pods have by annotation. Offers tokens to the kubelet while there can be such lanes: a port
/// of the node has a share for them, or a pod has a grant still.
class Tokens final : public FrontEnd {
 public:
  /// `plugin` must outlive this object.
  Tokens(TokenAnswers::Parts parts, plugin::DevicePlugin& plugin, const Log& log);

  Tokens(const Tokens&) = delete;
  Tokens& operator=(const Tokens&) = delete;
  ~Tokens() override { plugin_.withdraw(resource_); }

  FrontEndName name() const override { return FrontEndName::pods; }

  /// An Error, of files that could not be removed, is repeated with the next step.
  Result<> reconcile(const NodeState& node) override;

  /// Whether the plugin serves what it is to: it knows itself whether the kubelet listens.
  bool is_registered() const override { return has_looked_; }

  // It has no lanes of its own, and the plugin hands over by itself.
  std::optional<std::vector<std::string>> given_vfs(const Config& /*config*/) const override {
    return std::vector<std::string>();
  }
  bool asks_kubernetes() const override { return false; }
  std::vector<Offer> offers() const override { return {}; }
  bool is_due() const override { return false; }
  void notice_lanes() override {}
  void hand_over() override {}
  void expect_loss() override {}
  Result<std::vector<PodLane>> lanes_of(const PodId& /*pod*/) override {
    return std::vector<PodLane>();
  }

 private:
  plugin::DevicePlugin& plugin_;
  const std::string resource_;
  const std::shared_ptr<TokenAnswers> answers_;
  bool is_offered_ = false;
  std::atomic<bool> has_looked_ = false;
};

}  // namespace sluice
