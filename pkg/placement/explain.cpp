#include "pkg/placement/explain.h"

#include <algorithm>

namespace sluice {
namespace {

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
  return fmt::format("{}", fmt::join(parts, between));
}

/// "60 lanes", "1 VF"
std::string counted(std::uint64_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

/// "2 VFs bound to vfio-pci"
std::string counted_vfs(std::uint64_t count, Scarce of) {
  return counted(count, "VF") + (of == Scarce::vfio_vfs ? " bound to vfio-pci" : "");
}

VfSorts free_vfs(const NodePort& port) {
  return {.link = std::max(0, port.free_vfs.value_or(static_cast<int>(kMostLanes))),
          .vfio = std::max(0, port.free_vfio_vfs)};
}

/// What is wrong with the VFs of one sort for one bundle; empty: nothing.
std::string against_vfs(const std::string& port, int free, int asked, Scarce of) {
  if (asked <= free) return {};
  if (free == 0) {
    return fmt::format("port {}: no free VF{}", port,
                       of == Scarce::vfio_vfs ? " bound to vfio-pci" : "");
  }
  return fmt::format("port {}: {} free, {} asked", port,
                     counted_vfs(static_cast<unsigned>(free), of), asked);
}

class Explainer {
 public:
  explicit Explainer(const Question& question)
      : question_(question), asked_(question.packing.asked_vfs()) {}

  template <typename Say>
  std::string of_ports(PortSet ports, std::string_view between, Say say) const {
    std::vector<std::string> parts;
    for (std::size_t port = 0; port < question_.ports.size(); ++port) {
      if (has(ports, port)) parts.push_back(say(*question_.ports[port]));
    }
    return joined(parts, between);
  }

  /// What is wrong with the port as the place of one bundle; empty: nothing.
  std::string against(const NodePort& port, const BundleKind& kind, std::uint64_t promise) const {
    const PortBudget budget = budget_of(port);
    if (const auto carries = check_carries(budget); !carries) return carries.error().message();
    const VfSorts vfs = free_vfs(port);
    std::string short_of = against_vfs(budget.port, vfs.link, kind.vfs.link, Scarce::vfs);
    if (!short_of.empty()) return short_of;
    short_of = against_vfs(budget.port, vfs.vfio, kind.vfs.vfio, Scarce::vfio_vfs);
    if (!short_of.empty()) return short_of;
    const auto admitted = admit(budget, BitRate::bits_per_second(promise));
    return admitted ? std::string() : admitted.error().message();
  }

  std::string alone(std::size_t kind) const {
    std::vector<std::string> parts;
    for (std::size_t port = 0; port < question_.ports.size(); ++port) {
      if (!has(question_.could_be[kind], port)) continue;
      const BundleKind& of = question_.packing.kinds[kind];
      parts.push_back(against(*question_.ports[port], of, of.promise[port]));
    }
    return joined(parts, "; ");
  }

  /// "port ens1f0: 60 Gbit/s of 100 Gbit/s and 5 VFs free"
  std::string state(const NodePort& port) const {
    const VfSorts free = free_vfs(port);
    std::string vfs;
    if (asked_.link > 0 && port.free_vfs) {
      vfs += " and " + counted_vfs(static_cast<unsigned>(free.link), Scarce::vfs);
    }
    if (asked_.vfio > 0) {
      vfs += " and " + counted_vfs(static_cast<unsigned>(free.vfio), Scarce::vfio_vfs);
    }
    return fmt::format("port {}: {} of {}{} free", label(port),
                       to_string(port.usable - port.promised), to_string(port.usable), vfs);
  }

  /// Of all ports where lanes of the kinds could be.
  std::string states(KindSet kinds) const {
    PortSet ports = 0;
    for (std::size_t kind = 0; kind < question_.kinds.size(); ++kind) {
      if (has(kinds, kind)) ports |= question_.could_be[kind];
    }
    return of_ports(ports, "; ", [this](const NodePort& port) { return state(port); });
  }

  KindSet all() const {
    return question_.kinds.empty() ? 0 : ~KindSet{0} >> (kMostLanes - question_.kinds.size());
  }

  /// "64 lanes of 799 Gbit/s together"
  std::string sum() const {
    std::uint64_t lanes = 0;
    std::uint64_t need = 0;
    for (const BundleKind& kind : question_.packing.kinds) {
      lanes += static_cast<unsigned>(kind.count * kind.vfs.all());
      need += static_cast<unsigned>(kind.count) * kind.least_promise();
    }
    return fmt::format("{} of {} together", counted(lanes, "lane"),
                       to_string(BitRate::bits_per_second(need)));
  }

  /// Which lanes a message is about, where it is not about all: "lanes 0 and 2: "
  std::string about(KindSet kinds) const {
    LaneGroup lanes;
    for (std::size_t kind = 0; kind < question_.kinds.size(); ++kind) {
      if (!has(kinds, kind)) continue;
      for (const LaneGroup& bundle : question_.kinds[kind]) {
        lanes.insert(lanes.end(), bundle.begin(), bundle.end());
      }
    }
    std::sort(lanes.begin(), lanes.end());
    return kinds == all() ? std::string() : name_lanes(lanes) + ": ";
  }

  std::string bandwidth(const Shortage& shortage) const {
    const std::string parts = of_ports(shortage.ports, ", ", [](const NodePort& port) {
      return fmt::format("{} of port {}", to_string(port.usable - port.promised), label(port));
    });
    return fmt::format("{} asked, {} free: {}", to_string(BitRate::bits_per_second(shortage.asked)),
                       to_string(BitRate::bits_per_second(shortage.room)), parts);
  }

  std::string vfs(const Shortage& shortage, int VfSorts::*sort) const {
    return fmt::format("{} asked, {} free: {}", counted_vfs(shortage.asked, shortage.of),
                       shortage.room, of_ports(shortage.ports, ", ", [sort](const NodePort& port) {
                         return fmt::format("{} of port {}", free_vfs(port).*sort, label(port));
                       }));
  }

  std::string text(const Shortage& shortage) const {
    switch (shortage.of) {
      case Scarce::room_on_a_port: return alone(shortage.kind);
      case Scarce::vfs: return vfs(shortage, &VfSorts::link);
      case Scarce::vfio_vfs: return vfs(shortage, &VfSorts::vfio);
      case Scarce::bandwidth: return bandwidth(shortage);
      case Scarce::large_rooms:
        return fmt::format("at least {} asked {} times, there is room for {}: {}",
                           to_string(BitRate::bits_per_second(
                               question_.packing.kinds[shortage.kind].least_promise())),
                           shortage.asked, shortage.room, states(shortage.kinds));
      case Scarce::ports:
        return fmt::format("{} different ports asked, {} with room: {}", shortage.asked,
                           shortage.room, states(shortage.kinds));
    }
    return {};
  }

 private:
  const Question& question_;
  const VfSorts asked_;
};

Error exhausted(std::string message) {
  return Error(Code::exhausted, std::move(message));
}

}  // namespace

std::string name_lanes(const LaneGroup& lanes) {
  if (lanes.size() == 1) return fmt::format("lane {}", lanes.front());
  return fmt::format("lanes {} and {}", fmt::join(lanes.begin(), lanes.end() - 1, ", "),
                     lanes.back());
}

Error explain(const Question& question, const Shortage& shortage) {
  const Explainer explainer(question);
  return exhausted(explainer.about(shortage.kinds) + explainer.text(shortage));
}

Error explain_combination(const Question& question) {
  const Explainer explainer(question);
  return exhausted(fmt::format("{} cannot be divided among the ports: {}", explainer.sum(),
                               explainer.states(explainer.all())));
}

Error explain_given_up(const Question& question, std::uint64_t steps) {
  const Explainer explainer(question);
  return Error(
      Code::timed_out,
      fmt::format("{}: unknown whether that fits, the search was given up after {} steps: {}",
                  explainer.sum(), steps, explainer.states(explainer.all())));
}

}  // namespace sluice
