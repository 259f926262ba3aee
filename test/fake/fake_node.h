#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pkg/netlink/links.h"
#include "test/fake/fake_addresses.h"
#include "test/fake/fake_driver.h"
#include "test/fake/fake_rdma_devices.h"
#include "test/fake/request_log.h"

namespace sluice {

/// Which kernel answers, where their answers differ.
enum class KernelVersion { v6_1, v6_12, v7_3 };

/// A VF as its port knows it.
struct FakeVf {
  VfInfo info;        ///< What the port reports.
  Rate programmed;    ///< What it does.
  bool mute = false;  ///< The driver does not answer: the VF is missing from lists.
  std::uint64_t node_guid = 0;
  std::uint64_t port_guid = 0;

  std::string function;           ///< PCI address; empty where the port is on no bus.
  std::string link_name;          ///< What udev calls its link.
  MacAddress given;               ///< By the port; zero: none.
  bool pinned = false;            ///< The VF may have no other MAC than that.
  bool never_tagged = true;       ///< No VLAN was written yet.
  bool checks_source = true;      ///< The spoof check as the hardware has it.
  int resetting = 0;              ///< Requests until its driver is through with a reset.
  int polling = 0;                ///< Requests until its driver looks for a MAC.
  int port_busy = 0;              ///< Requests until its port answers for it again.
  std::uint64_t stored_guid = 0;  ///< Of its RDMA device, as of the next probe.
  std::uint64_t probed_guid = 0;  ///< Of its RDMA device now.
};

struct FakeLink {
  Link link;
  std::uint64_t id = 0;        ///< The same wherever the link moves.
  std::uint64_t lower_id = 0;  ///< What it vanishes with: a macvlan's uplink, a veth's other end.
  FakeDriver driver;
  bool xdp_is_held = false;      ///< By a bpf_link, so that its XDP program cannot be detached.
  std::map<int, FakeVf> vfs;     // VF index -> VF; empty for all but ports
  std::map<int, FakeVf> unborn;  // The same, of VFs that do not exist yet
  int mbps = 0;                  ///< Speed of the wire of a port.
  bool wire = true;              ///< Whether a port's wire is up.
  int wire_away = 0;             ///< Requests until it is again.
  std::optional<EswitchMode> eswitch;

  bool hardware() const { return link.kind.empty(); }

  /// Whether `name` is its name or an alternative one.
  bool answers_to(const std::string& name) const;

  /// Of a port: Mbit/s, 0 without carrier.
  int speed() const { return link.carrier ? mbps : 0; }
};

/// A VF and its port.
struct FakeVfPlace {
  FakeLink& port;
  FakeVf& vf;
};

/// A node's network namespaces with their links, kept in memory, with the kernel's rules for moves,
/// names and deaths (net/core/dev.c). Holds state, not expectations: a test sets the world up,
/// acts, and reads the world back. In all functions `netns` is a cookie, kHost the host's.
class FakeNode {
 public:
  static constexpr std::uint64_t kHost = 1;
  using Space = std::map<int, FakeLink>;  // ifindex -> link

  FakeNode();

  // The world, as a test makes and reads it; none of this is a request.

  /// A hardware link, or a software one when `link.kind` is set. An index is given when it is 0.
  /// Returns the index.
  int add_link(Link link, std::uint64_t netns = kHost);

  /// A port that is up with carrier, with VFs that its bus announces; their links, if they are to
  /// have any, are added with add_link(). Returns the index.
  int add_port(Link link, int vfs, FakeDriver driver = {});

  /// The host's link of that name goes, as when its driver is unbound.
  void take_away(const std::string& name) { destroy(find(name)->id); }

  /// A namespace with an unused cookie, at `path` when that is not empty.
  std::uint64_t add_netns(const std::string& path = {});

  /// Takes the name away: at `path` an ordinary file is left. The namespace lives on.
  void unlink_netns(const std::string& path) { paths_.erase(path); }

  /// The last holder is gone: software links vanish, hardware comes back to the host, down, under
  /// its last name when that is free. So do RDMA devices.
  void kill_netns(std::uint64_t netns);

  /// nullopt when there is no namespace at `path`.
  std::optional<std::uint64_t> netns_at(const std::string& path) const;

  /// nullptr when there is none with that name; altnames do not count.
  FakeLink* find(const std::string& name, std::uint64_t netns = kHost);

  /// nullptr when there is none.
  FakeLink* find(int index, std::uint64_t netns = kHost);

  /// A VF of the port with that name, wherever it is. The test ends where there is none.
  FakeVf& vf(const std::string& port, int index);

  const std::map<std::uint64_t, Space>& spaces() const { return spaces_; }

  /// "host", the path, or "netns:<cookie>".
  std::string label(std::uint64_t netns) const;

  std::shared_ptr<FakeAddressTable> addresses(std::uint64_t netns) { return addresses_[netns]; }

  std::shared_ptr<FakeRdmaSubsystem> rdma() { return rdma_; }

  RequestLog& log() { return log_; }

  /// Called after everything that may have changed links or RDMA devices.
  void on_change(std::function<void()> react) { react_ = std::move(react); }

  KernelVersion version = KernelVersion::v6_12;

  // What drivers do; for VfModel and PortModel.

  /// The VF with that PCI address; nullopt when there is none.
  std::optional<FakeVfPlace> vf_at(const std::string& function);

  /// The link of a PCI function, in whatever namespace; nullptr when it has none.
  FakeLink* link_of(const std::string& function);

  /// Cookie of the namespace of that link; the test ends where it has none.
  std::uint64_t netns_of(const std::string& function);

  void remove_link_of(const std::string& function);

  /// The wire of a port goes or comes.
  void set_wire(FakeLink& port, bool wire);

  /// VFs of the port have the wire that it has, or that their link state says.
  void spread_carrier(FakeLink& port);

  /// Time passes for all VFs: one request's worth.
  void tick();

  void changed() {
    if (react_) react_();
  }

  /// The first free one of "<stem>0", "<stem>1", …
  std::string free_name(std::uint64_t netns, const std::string& stem) const;

  // What the kernel does with requests; for FakeLinks.

  /// 0 or an errno. Leaves done what came before the failing step.
  int change(std::uint64_t netns, int index, const LinkChange& change);
  int add(std::uint64_t netns, const NewLink& wanted);
  int remove(std::uint64_t netns, int index);
  bool name_taken(std::uint64_t netns, const std::string& name) const;

 private:
  int move(std::uint64_t from, int index, std::uint64_t to, const std::optional<std::string>& name);
  int apply(std::uint64_t netns, FakeLink& link, const LinkChange& change);
  int add_veth(std::uint64_t netns, std::uint64_t target, const NewLink& wanted, Link made);
  int place(FakeLink link, std::uint64_t netns);
  FakeLink take(std::uint64_t netns, int index);
  void follow(std::uint64_t from, int old_index, std::uint64_t to, int new_index);
  void destroy(std::uint64_t id);
  void home(std::uint64_t from, int index);
  bool is_infiniband(const std::string& function);
  bool is_detached(const FakeLink& link);
  int set_mac(FakeLink& link, const MacAddress& mac);
  int set_up(FakeLink& link, bool up);
  void ipoib_follows(FakeRdmaSubsystem::Device& device);

  std::map<std::uint64_t, Space> spaces_;                                 // cookie -> links
  std::map<std::string, std::uint64_t> paths_;                            // path -> cookie
  std::map<std::uint64_t, std::shared_ptr<FakeAddressTable>> addresses_;  // by cookie
  std::shared_ptr<FakeRdmaSubsystem> rdma_ = std::make_shared<FakeRdmaSubsystem>();
  std::map<std::uint64_t, int> last_index_;  // cookie -> the last one given there
  RequestLog log_;
  std::function<void()> react_;
  std::uint64_t last_cookie_ = kHost;
  std::uint64_t last_id_ = 0;
};

}  // namespace sluice
