#include "agent/pods/tokens.h"

#include <algorithm>
#include <utility>

namespace sluice {
namespace {

bool has_share(const Port& port, const Config& config) {
  const ProvisionRule* const rule = config.ports.rule_for(port);
  return rule != nullptr && rule->shares.of(FrontEndName::pods).has_value();
}

bool can_have_lanes(const NodeState& node) {
  return std::ranges::any_of(node.inventory.ports,
                             [&](const Port& port) { return has_share(port, *node.config); }) ||
         std::ranges::find(node.grants, Grant::Kind::pod, &Grant::kind) != node.grants.end();
}

}  // namespace

Tokens::Tokens(TokenAnswers::Parts parts, plugin::DevicePlugin& plugin, const Log& log)
    : plugin_(plugin),
      resource_(parts.resource),
      answers_(std::make_shared<TokenAnswers>(std::move(parts), log)) {}

Result<> Tokens::reconcile(const NodeState& node) {
  const bool is_wanted = can_have_lanes(node);
  if (is_wanted && !is_offered_) plugin_.serve(resource_, answers_);
  if (!is_wanted && is_offered_) plugin_.withdraw(resource_);
  is_offered_ = is_wanted;
  has_looked_ = true;
  // Until the kubelet has said who has which token, none is taken for free.
  return node.given ? answers_->sweep() : Result<>();
}

}  // namespace sluice
