#include "pkg/offers/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <map>

namespace sluice {
namespace {

struct Reason {
  WhyNot why = WhyNot::not_selected;
  std::string text;
};

/// Why the class takes no more VFs of the port.
Reason of_class(const Candidates& candidates, const Assignment& assignment, std::size_t port,
                std::size_t i) {
  const ClassRule& rule = candidates.input().classes[i];
  const ClassOnPort& on_port = candidates.ports()[port].classes[i];
  if (!on_port.served) {
    return {WhyNot::unsupported, fmt::format("{}: {}", rule.name, on_port.refusal)};
  }
  if (rule.max && assignment.total(i) >= *rule.max) {
    return {WhyNot::at_maximum, fmt::format("{}: has its maximum of {}", rule.name, *rule.max)};
  }
  return {WhyNot::no_bandwidth,
          fmt::format("{}: needs {}, {} of {} free", rule.name, to_string(on_port.promise),
                      to_string(assignment.free(port)),
                      to_string(candidates.ports()[port].port->bandwidth))};
}

/// Why no class of `selected` takes more VFs of the port: class by class, and of the reasons the
/// one that the least would have to change for.
Reason of_classes(const Candidates& candidates, const Assignment& assignment, std::size_t port,
                  ClassSet selected) {
  if (selected == 0) return {WhyNot::not_selected, "no class selects it"};
  Reason all{WhyNot::not_selected, ""};
  for (ClassSet left = selected; left != 0; left &= left - 1) {
    const Reason one =
        of_class(candidates, assignment, port, static_cast<std::size_t>(std::countr_zero(left)));
    all.why = std::max(all.why, one.why);
    if (!all.text.empty()) all.text += "; ";
    all.text += one.text;
  }
  return all;
}

/// Reasons of one port; those that many VFs have in common are found once.
class PortReasons {
 public:
  PortReasons(const Candidates& candidates, const Assignment& assignment, std::size_t port)
      : candidates_(candidates), assignment_(assignment), port_(port) {}

  std::vector<Unoffered> all() {
    const PortCandidates& port = candidates_.ports()[port_];
    for (std::size_t vf = 0; vf < port.selected.size(); ++vf) {
      if (!assignment_.is_taken({port_, vf})) add(port.port->vfs[vf], reason(vf));
    }
    return std::move(groups_);
  }

 private:
  const Reason& reason(std::size_t vf) {
    const PortCandidates& port = candidates_.ports()[port_];
    const OfferVf& of = port.port->vfs[vf];
    if (of.use != VfUse::usable) {
      const WhyNot why = of.use == VfUse::foreign ? WhyNot::foreign : WhyNot::blocked;
      scratch_ = {why, of.obstacle};
      return scratch_;
    }
    if (!port.is_open) {
      scratch_ = {WhyNot::no_line_rate, "the line rate of the port is not known yet"};
      return scratch_;
    }
    const auto [known, fresh] = by_classes_.try_emplace(port.selected[vf]);
    if (fresh) known->second = of_classes(candidates_, assignment_, port_, port.selected[vf]);
    return known->second;
  }

  void add(const OfferVf& vf, const Reason& reason) {
    const auto same = std::find_if(groups_.begin(), groups_.end(), [&](const Unoffered& group) {
      return group.reason == reason.why && group.text == reason.text;
    });
    if (same != groups_.end()) {
      same->vfs.push_back(vf.address);
      return;
    }
    groups_.push_back({.port = candidates_.ports()[port_].port->hardware->address.to_string(),
                       .vfs = {vf.address},
                       .reason = reason.why,
                       .text = reason.text});
  }

  const Candidates& candidates_;
  const Assignment& assignment_;
  std::size_t port_;
  Reason scratch_;
  std::map<ClassSet, Reason> by_classes_;
  std::vector<Unoffered> groups_;
};

}  // namespace

std::vector<Unoffered> explain_unoffered(const Candidates& candidates,
                                         const Assignment& assignment) {
  std::vector<Unoffered> all;
  for (std::size_t port = 0; port < candidates.ports().size(); ++port) {
    std::vector<Unoffered> groups = PortReasons(candidates, assignment, port).all();
    std::move(groups.begin(), groups.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace sluice
