#include "pkg/lane/veth_path.h"

#include <optional>
#include <vector>

namespace sluice {
namespace {

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

Result<> ensure_ingress(TrafficControl& tc, int link) {
  const std::optional<Qdisc> found = TRY(ingress_of(tc, link));
  if (!found) return tc.add_qdisc(link, ingress());
  if (*found == ingress()) return {};
  return Error(
      Code::already_exists,
      fmt::format("the ingress qdisc of link {} is somebody else's: {}", link, found->kind));
}

Result<> unless_gone(Result<> removed) {
  if (!removed && removed.error().code() == Code::not_found) return {};
  return removed;
}

}  // namespace

Result<> lay(TrafficControl& tc, const VethPath& path) {
  TRY(ensure_ingress(tc, path.uplink));
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
  if (!TRY(tc.filters(uplink, kTcIngress)).empty()) return {};
  return unless_gone(tc.remove_qdisc(uplink, ingress()));
}

}  // namespace sluice
