#include "pkg/placement/question.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

#include "pkg/placement/explain.h"
#include "pkg/placement/judge.h"

namespace sluice {
namespace {

/// Groups whose lanes the bundle has, as bits.
std::uint64_t groups_of(const LaneGroup& bundle, const PodAsk& ask) {
  std::uint64_t groups = 0;
  for (std::size_t group = 0; group < ask.different_ports.size(); ++group) {
    const LaneGroup& lanes = ask.different_ports[group];
    const bool in =
        std::find_first_of(lanes.begin(), lanes.end(), bundle.begin(), bundle.end()) != lanes.end();
    if (in && lanes.size() > 1) groups |= bit(group);
  }
  return groups;
}

/// A VF for each lane.
VfSorts vfs_for(const LaneGroup& bundle, const PodAsk& ask) {
  VfSorts vfs;
  for (const std::size_t lane : bundle) ++(ask.lanes[lane].vfio ? vfs.vfio : vfs.link);
  return vfs;
}

PackingPort room_of(const NodePort& port, const VfSorts& asked) {
  // So that no sum over all ports is too large for a word.
  constexpr std::uint64_t kMost = std::uint64_t{1} << 56U;
  const bool carries = check_carries(budget_of(port)).has_value();
  const VfSorts free{.link = asked.link == 0 ? 0 : std::max(0, port.free_vfs.value_or(asked.link)),
                     .vfio = asked.vfio == 0 ? 0 : std::max(0, port.free_vfio_vfs)};
  return {.free = std::min(kMost, (port.usable - port.promised).as_bits_per_second()),
          .usable = std::min(kMost, port.usable.as_bits_per_second()),
          .vfs = carries ? free : VfSorts()};
}

/// One bundle, before those alike are put together.
struct Candidate {
  LaneGroup lanes;
  PortSet could_be = 0;
  BundleKind kind;
  std::uint64_t need = 0;  // The kind's least promise.
  int vfs = 0;             // All of the kind's.
};

class Asker {
 public:
  Asker(const PodAsk& ask, Question& question)
      : ask_(ask), question_(question), judge_(question.ports, ask) {}

  Result<> add(LaneGroup lanes) {
    Candidate bundle{.lanes = std::move(lanes), .could_be = ~PortSet{0}, .kind = {.count = 1}};
    for (const std::size_t lane : bundle.lanes) {
      if (judge_.could_be(lane) == 0) return describe(judge_.refusal(lane), {lane});
      bundle.could_be &= judge_.could_be(lane);
    }
    TRY(weigh(bundle));
    bundles_.push_back(std::move(bundle));
    return {};
  }

  void group_alike() {
    std::stable_sort(bundles_.begin(), bundles_.end(), is_larger);
    for (Candidate& bundle : bundles_) {
      std::vector<BundleKind>& kinds = question_.packing.kinds;
      if (!kinds.empty()) bundle.kind.count = kinds.back().count;
      const bool same = !kinds.empty() && bundle.kind == kinds.back() &&
                        bundle.could_be == question_.could_be.back();
      if (same) {
        ++kinds.back().count;
      } else {
        bundle.kind.count = 1;
        kinds.push_back(std::move(bundle.kind));
        question_.kinds.emplace_back();
        question_.could_be.push_back(bundle.could_be);
      }
      question_.kinds.back().push_back(std::move(bundle.lanes));
    }
  }

 private:
  static bool is_larger(const Candidate& a, const Candidate& b) {
    const auto key = [](const Candidate& of) {
      return std::tie(of.need, of.vfs, of.kind.vfs.vfio, of.kind.ports, of.kind.groups,
                      of.kind.promise);
    };
    return key(a) > key(b);
  }

  Error describe(Error error, const LaneGroup& lanes) const {
    if (lanes.size() < ask_.lanes.size()) error.prepend(name_lanes(lanes));
    return error;
  }

  /// What the bundle costs on every port, and where it could ever be and is to be.
  Result<> weigh(Candidate& bundle) const {
    bundle.kind.vfs = vfs_for(bundle.lanes, ask_);
    bundle.vfs = bundle.kind.vfs.all();
    bundle.kind.groups = groups_of(bundle.lanes, ask_);
    const PortSet takes_all = bundle.could_be;
    bundle.kind.promise.resize(question_.ports.size());
    for (std::size_t port = 0; port < question_.ports.size(); ++port) {
      if (!has(takes_all, port)) continue;
      const std::uint64_t promise = cost(bundle, port);
      bundle.kind.promise[port] = promise;
      const bool ever = BitRate::bits_per_second(promise) <= question_.ports[port]->usable;
      if (!ever) bundle.could_be &= ~bit(port);
      const PackingPort& room = question_.packing.ports[port];
      const bool now = promise <= room.free && bundle.kind.vfs.fits(room.vfs);
      if (has(bundle.could_be, port) && now) bundle.kind.ports |= bit(port);
    }
    bundle.need = bundle.kind.least_promise();
    if (bundle.could_be != 0) return {};
    return describe(too_large(bundle.kind, takes_all), bundle.lanes);
  }

  std::uint64_t cost(const Candidate& bundle, std::size_t port) const {
    std::uint64_t sum = 0;
    for (const std::size_t lane : bundle.lanes) sum += judge_.promise(lane, port);
    return sum;
  }

  Error too_large(const BundleKind& kind, PortSet ports) const {
    std::string text;
    for (std::size_t port = 0; port < question_.ports.size(); ++port) {
      if (!has(ports, port)) continue;
      const NodePort& on = *question_.ports[port];
      text += fmt::format("{}port {}: {} can be promised, {} asked", text.empty() ? "" : "; ",
                          label(on), to_string(on.usable),
                          to_string(BitRate::bits_per_second(kind.promise[port])));
    }
    return Error(Code::unsupported, text.empty() ? "no port takes them all" : text);
  }

  const PodAsk& ask_;
  Question& question_;
  Judge judge_;
  std::vector<Candidate> bundles_;
};

}  // namespace

Result<Question> question_of(std::span<const NodePort> ports, const PodAsk& ask) {
  TRY(check(ask));
  std::vector<LaneGroup> bundles = TRY(bundles_of(ask));
  Question question;
  question.positions.resize(ports.size());
  std::iota(question.positions.begin(), question.positions.end(), std::size_t{0});
  std::stable_sort(question.positions.begin(), question.positions.end(),
                   [&](std::size_t a, std::size_t b) { return ports[a].name < ports[b].name; });
  question.positions.resize(std::min(ports.size(), kMostPorts));
  VfSorts asked;
  for (const LaneGroup& bundle : bundles) asked += vfs_for(bundle, ask);
  for (const std::size_t position : question.positions) {
    question.ports.push_back(&ports[position]);
    question.packing.ports.push_back(room_of(ports[position], asked));
  }
  Asker asker(ask, question);
  for (LaneGroup& bundle : bundles) TRY(asker.add(std::move(bundle)));
  asker.group_alike();
  return question;
}

}  // namespace sluice
