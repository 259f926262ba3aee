#include "pkg/lane/soft/veth_path.h"

#include <optional>
#include <vector>

namespace sluice {
namespace {

// Of the filter that says that an uplink's ingress qdisc is ours.
constexpr std::uint16_t kMark = 999;

// Priorities of a lane's two filters on the uplink. Copies are made before frames are taken away.
constexpr int kFirstMirror = 1'000;
constexpr int kFirstRedirect = 10'000;

std::uint16_t mirror_of(int lane) {
  return static_cast<std::uint16_t>(kFirstMirror + lane);
}

std::uint16_t redirect_of(int lane) {
  return static_cast<std::uint16_t>(kFirstRedirect + lane);
}

Qdisc ingress() {
  return {.kind = "ingress",
          .handle = kTcIngress,
          .parent = kTcIngressParent,
          .options = IngressOptions{}};
}

Result<std::optional<Qdisc>> ingress_of(TrafficControl& tc, int link) {
  for (const Qdisc& qdisc : TRY(tc.qdiscs(link))) {
    if (qdisc.parent == kTcIngressParent) return std::optional<Qdisc>(qdisc);
  }
  return std::optional<Qdisc>();
}

// A word that is two numbers at once: no packet has it, and each costs the kernel one comparison.
Filter mark() {
  constexpr std::uint32_t kWhole = 0xffffffff;
  return {.parent = kTcIngress,
          .priority = kMark,
          .keys = {{.offset = 0, .value = 0, .mask = kWhole},
                   {.offset = 0, .value = 1, .mask = kWhole}},
          .action = TcHandle{kTcIngress.major, 1}};
}

// Whether it was added, or was there: then it stays when we go.
Result<bool> ensure_ingress(TrafficControl& tc, int link) {
  const std::optional<Qdisc> found = TRY(ingress_of(tc, link));
  if (!found) {
    TRY(tc.add_qdisc(link, ingress()));
    return true;
  }
  if (*found == ingress()) return false;
  return Error(
      Code::already_exists,
      fmt::format("the ingress qdisc of link {} is another program's: {}", link, found->kind));
}

Result<> unless_gone(Result<> removed) {
  if (!removed && removed.error().code() == Code::not_found) return {};
  return removed;
}

}  // namespace

Result<> lay(TrafficControl& tc, const VethPath& path) {
  const bool is_ours = TRY(ensure_ingress(tc, path.uplink));
  if (is_ours) TRY(tc.add_filter(path.uplink, mark()));
  const Redirect to_pod{path.host_end};
  TRY(tc.add_filter(path.uplink, {.parent = kTcIngress,
                                  .priority = redirect_of(path.lane),
                                  .keys = match_destination(path.mac),
                                  .action = to_pod}));
  TRY(tc.add_filter(path.uplink, {.parent = kTcIngress,
                                  .priority = mirror_of(path.lane),
                                  .keys = match_group_destination(),
                                  .action = Mirror{path.host_end}}));
  TRY(ensure_ingress(tc, path.host_end));
  return tc.add_filter(path.host_end, {.parent = kTcIngress,
                                       .priority = 1,
                                       .keys = match_everything(),
                                       .action = Redirect{path.uplink}});
}

Result<> take_up(TrafficControl& tc, int uplink, int lane) {
  const std::optional<Qdisc> found = TRY(ingress_of(tc, uplink));
  if (!found || *found != ingress()) return {};
  TRY(unless_gone(tc.remove_filter(uplink, kTcIngress, mirror_of(lane))));
  TRY(unless_gone(tc.remove_filter(uplink, kTcIngress, redirect_of(lane))));
  const std::vector<Filter> left = TRY(tc.filters(uplink, kTcIngress));
  if (left != std::vector<Filter>{mark()}) return {};
  TRY(unless_gone(tc.remove_filter(uplink, kTcIngress, kMark)));
  const bool is_in_use = TRY(tc.has_filters(uplink, kTcIngress));
  return is_in_use ? Result<>() : unless_gone(tc.remove_qdisc(uplink, ingress()));
}

}  // namespace sluice
