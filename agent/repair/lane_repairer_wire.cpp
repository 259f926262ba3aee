// What the repair loop says of ports whose wire came back otherwise.
#include "agent/repair/lane_repairer.h"
#include "pkg/base/rate_text.h"

namespace sluice {
namespace {

std::string numbers_of(const PortBudget& budget) {
  return fmt::format("{} are promised, its line rate is {}", to_string(budget.promised),
                     to_string(budget.line_rate));
}

}  // namespace

Result<> LaneRepairer::follow_wire(const std::string& port) {
  const Result<PortNews> news = lanes_.follow(port);
  // An attach or a release is at the port; the next step comes soon.
  if (!news && news.error().code() == Code::busy) return {};
  if (!news) return news.error();
  tell(port, *news);
  return news->failure.empty() ? Result<>() : Error(Code::internal, news->failure);
}

void LaneRepairer::tell(const std::string& port, const PortNews& news) {
  if (news.line_rate_before) tell_lanes(port, news);
  for (const LaneRecord& lane : news.rewritten) {
    metrics_.add(metric::kRepairs, {port, "done"});
    announcer_.log().info("the wire was away: a rate was taken off and put on again",
                          {{"lane", lane.id}, {"port", port}});
  }
  tell_shortage(port, news.budget);
}

void LaneRepairer::tell_lanes(const std::string& port, const PortNews& news) {
  metrics_.add(metric::kLineRateChanges, {port});
  const std::string change =
      fmt::format("the line rate of port {} is {}, it was {}", port,
                  to_string(news.budget.line_rate), to_string(*news.line_rate_before));
  announcer_.warn("a port came back at another speed", {{"port", port}, {"change", change}},
                  {.reason = "LineRateChanged", .action = "Divide", .note = change});
  const auto type =
      news.budget.promised > news.budget.line_rate ? Event::Type::warning : Event::Type::normal;
  for (const LaneRecord& lane : news.lanes) {
    announcer_.tell_pod(
        lane.owner, type,
        {.reason = "LineRateChanged",
         .action = "Divide",
         .note = fmt::format("{}; lane {}: {} promised, {} kept, {}", change, lane.id,
                             to_string(lane.asked.floor), to_string(lane.in_force.floor),
                             ceiling_text(lane.in_force.ceiling))});
  }
}

void LaneRepairer::tell_shortage(const std::string& port, const PortBudget& budget) {
  const BitRate missing =
      budget.line_rate.is_zero() ? BitRate() : budget.promised - budget.line_rate;
  metrics_.set(metric::kPortShort, {port}, bytes_per_second(missing));
  if (missing.is_zero()) {
    if (short_.erase(port) == 0) return;
    announcer_.log().info("a port carries its promises again", {{"port", port}});
    return;
  }
  const std::string note = fmt::format("port {}: {}", port, numbers_of(budget));
  if (std::exchange(short_[port], note) == note) return;
  announcer_.error(
      "a port promised more than its wire carries, and admits no lane",
      {{"port", port}, {"numbers", numbers_of(budget)}},
      {.reason = "PromisesExceedPort", .action = "Divide", .note = note + "; it admits no lane"});
}

}  // namespace sluice
