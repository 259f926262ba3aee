// A port's file, taken apart while it is parsed: the lanes of a full port are the most that an
// attach has to read, and a tree of them would cost twice the parsing.
#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include <nlohmann/json.hpp>

#include "pkg/ledger/record.h"
#include "pkg/ledger/record_words.h"

namespace sluice {
namespace {

using Json = nlohmann::json;

enum class Kind { text, number, boolean, other };

struct Scalar {
  Kind kind = Kind::other;
  std::string text = {};
  std::uint64_t number = 0;
  bool boolean = false;
};

std::string_view wanted(Kind kind) {
  constexpr std::array<std::string_view, 3> kWanted = {"a string", "a whole number", "a boolean"};
  return kWanted[static_cast<std::size_t>(kind)];
}

/// Why a value makes no sense; empty when it does.
using Complaint = std::string;

enum class Presence { always, optional, with_vlan };

/// A member: its place below its lane (or the file), and what becomes of its value.
template <typename Target>
struct Field {
  std::string_view at;
  Kind kind = Kind::text;
  Presence presence = Presence::always;
  Complaint (*put)(Target&, Scalar&) = nullptr;
};

template <typename Int>
Complaint assign(Int& to, const Scalar& from) {
  if (from.number > static_cast<std::uint64_t>(std::numeric_limits<Int>::max())) {
    return fmt::format("{} is too large", from.number);
  }
  to = static_cast<Int>(from.number);
  return {};
}

Complaint assign(BitRate& to, const Scalar& from) {
  to = BitRate::bits_per_second(from.number);
  return {};
}

template <typename Mac>
Complaint assign_mac(Mac& to, const Scalar& from) {
  const Result<MacAddress> mac = MacAddress::parse(from.text);
  if (!mac) return mac.error().message();
  to = *mac;
  return {};
}

template <auto... Path, typename Target>
Complaint text(Target& target, Scalar& value) {
  (target.*....*Path) = std::move(value.text);
  return {};
}

template <auto... Path, typename Target>
Complaint number(Target& target, Scalar& value) {
  return assign((target.*....*Path), value);
}

template <auto... Path, typename Target>
Complaint boolean(Target& target, Scalar& value) {
  (target.*....*Path) = value.boolean;
  return {};
}

template <auto... Path>
Complaint mac(LaneRecord& lane, Scalar& value) {
  return assign_mac((lane.*....*Path), value);
}

template <auto Member>
Complaint vlan(LaneRecord& lane, Scalar& value) {
  std::optional<VlanTag>& tag = lane.settings.vlan;
  if (!tag) tag.emplace();
  return assign((*tag).*Member, value);
}

Complaint phase(LaneRecord& lane, Scalar& value) {
  const auto found = index_of(kPhases, value.text);
  if (!found) return "want reserved, configured, attached or releasing";
  lane.phase = static_cast<Phase>(*found);
  return {};
}

Complaint link_state(LaneRecord& lane, Scalar& value) {
  const auto found = index_of(kLinkStates, value.text);
  if (!found) return "want auto, enable or disable";
  lane.settings.link_state = static_cast<VfLinkState>(*found);
  return {};
}

using L = LaneRecord;
using V = VfSettings;
using D = DecodedPort;
constexpr Presence kAlways = Presence::always;
constexpr Presence kOptional = Presence::optional;
constexpr Presence kWithVlan = Presence::with_vlan;

constexpr std::array kLaneFields = std::to_array<Field<LaneRecord>>({
    {"/id", Kind::text, kAlways, text<&L::id>},
    {"/provider", Kind::text, kAlways, text<&L::provider>},
    {"/number", Kind::number, kAlways, number<&L::number>},
    {"/phase", Kind::text, kAlways, phase},
    {"/owner/network", Kind::text, kAlways, text<&L::owner, &Owner::network>},
    {"/owner/container_id", Kind::text, kAlways, text<&L::owner, &Owner::container_id>},
    {"/owner/ifname", Kind::text, kAlways, text<&L::owner, &Owner::ifname>},
    {"/owner/netns", Kind::text, kAlways, text<&L::owner, &Owner::netns>},
    {"/owner/netns_cookie", Kind::number, kAlways, number<&L::owner, &Owner::netns_cookie>},
    {"/owner/pod", Kind::text, kOptional, text<&L::owner, &Owner::pod>},
    {"/owner/pod_uid", Kind::text, kOptional, text<&L::owner, &Owner::pod_uid>},
    {"/owner/beside", Kind::text, kOptional, text<&L::owner, &Owner::beside>},
    {"/class", Kind::text, kOptional, text<&L::class_name>},
    {"/asked/floor", Kind::number, kAlways, number<&L::asked, &Rate::floor>},
    {"/asked/ceiling", Kind::number, kAlways, number<&L::asked, &Rate::ceiling>},
    {"/in_force/floor", Kind::number, kAlways, number<&L::in_force, &Rate::floor>},
    {"/in_force/ceiling", Kind::number, kAlways, number<&L::in_force, &Rate::ceiling>},
    {"/settings/mac", Kind::text, kOptional, mac<&L::settings, &V::mac>},
    {"/settings/vlan/id", Kind::number, kWithVlan, vlan<&VlanTag::id>},
    {"/settings/vlan/qos", Kind::number, kWithVlan, vlan<&VlanTag::qos>},
    {"/settings/vlan/protocol", Kind::number, kWithVlan, vlan<&VlanTag::protocol>},
    {"/settings/spoofchk", Kind::boolean, kOptional, boolean<&L::settings, &V::spoofchk>},
    {"/settings/trust", Kind::boolean, kOptional, boolean<&L::settings, &V::trust>},
    {"/settings/link_state", Kind::text, kOptional, link_state},
    {"/home/name", Kind::text, kAlways, text<&L::home, &Home::name>},
    {"/home/mac", Kind::text, kAlways, mac<&L::home, &Home::mac>},
    {"/home/mtu", Kind::number, kAlways, number<&L::home, &Home::mtu>},
    {"/link_index", Kind::number, kAlways, number<&L::link_index>},
    {"/rdma_device", Kind::text, kOptional, text<&L::rdma_device>},
    {"/child", Kind::text, kOptional, text<&L::child>},
});

constexpr std::array kFileFields = std::to_array<Field<DecodedPort>>({
    {"/version", Kind::number, kAlways,
     [](DecodedPort&, Scalar& value) {
       return value.number == kPortFileVersion ? Complaint()
                                               : fmt::format("want {}", kPortFileVersion);
     }},
    {"/boot_id", Kind::text, kAlways, text<&D::boot_id>},
    {"/port", Kind::text, kAlways, text<&D::record, &PortRecord::port>},
    {"/driver", Kind::text, kAlways, text<&D::record, &PortRecord::driver>},
    {"/line_rate", Kind::number, kAlways, number<&D::record, &PortRecord::line_rate>},
    {"/spoofchk", Kind::boolean, kOptional, boolean<&D::record, &PortRecord::spoofchk>},
});

/// One object being read: which of its fields have been there.
template <typename Target, std::size_t N>
class ObjectReader {
 public:
  explicit constexpr ObjectReader(const std::array<Field<Target>, N>& fields) : fields_(fields) {}

  /// `at` is the member's pointer from the object. Members that nobody knows are passed over.
  Complaint take(Target& target, std::string_view at, Scalar& value) {
    for (std::size_t i = 0; i < N; ++i) {
      if (fields_[i].at != at) continue;
      if (fields_[i].kind != value.kind) return fmt::format("want {}", wanted(fields_[i].kind));
      seen_ |= 1U << i;
      return fields_[i].put(target, value);
    }
    return {};
  }

  /// The first field that should have been there; null when none is missing. Begins anew.
  const Field<Target>* missing(bool with_vlan) {
    const std::uint32_t seen = std::exchange(seen_, 0);
    for (std::size_t i = 0; i < N; ++i) {
      const Presence presence = fields_[i].presence;
      const bool needed = presence == kAlways || (presence == kWithVlan && with_vlan);
      if (needed && (seen >> i & 1U) == 0) return &fields_[i];
    }
    return nullptr;
  }

 private:
  static_assert(N <= 32, "seen_ has a bit a field");

  const std::array<Field<Target>, N>& fields_;
  std::uint32_t seen_ = 0;
};

constexpr std::string_view kLanes = "/lanes";

/// What Json::sax_parse() calls; each of its functions says whether to go on.
class PortReader {
 public:
  bool null() { return take({}); }

  bool boolean(bool value) { return take({.kind = Kind::boolean, .boolean = value}); }

  bool number_integer(std::int64_t) { return take({}); }  // Negative.

  bool number_unsigned(std::uint64_t value) {
    return take({.kind = Kind::number, .number = value});
  }

  bool number_float(double, const std::string&) { return take({}); }

  bool string(std::string& value) { return take({.kind = Kind::text, .text = std::move(value)}); }

  bool binary(Json::binary_t&) { return take({}); }

  bool key(std::string& name) {
    at_.resize(open_.back().length);
    at_ += '/';
    at_ += name;
    return true;
  }

  bool start_object(std::size_t) {
    if (!enter()) return false;
    if (among_lanes()) {
      lane_ = LaneRecord();
      lane_at_ = at_.size();
    }
    open_.push_back({.length = at_.size()});
    return true;
  }

  bool end_object() {
    open_.pop_back();
    if (among_lanes()) return end_lane();
    if (!open_.empty()) return true;
    if (const auto* const field = file_.missing(false)) return lacks("", *field);
    return has_lanes_ || complain(std::string(kLanes), "want an array");
  }

  bool start_array(std::size_t) {
    if (!enter()) return false;
    if (open_.empty() || among_lanes()) return complain(at_, "want an object");
    const bool is_lanes = open_.size() == 1 && at_ == kLanes;
    has_lanes_ |= is_lanes;
    open_.push_back({.length = at_.size(), .is_array = true, .is_lanes = is_lanes});
    return true;
  }

  bool end_array() {
    open_.pop_back();
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const Json::exception&) {
    return complain("", "not JSON");
  }

  Result<DecodedPort> finish() {
    if (!problem_.empty()) return Error(Code::data_loss, std::move(problem_));
    return std::move(port_);
  }

 private:
  static constexpr std::size_t kLaneDepth = 2;  // Inside the file's object and its array of lanes.

  struct Open {
    std::size_t length = 0;  ///< Of its own pointer, with which those of its members begin.
    bool is_array = false;
    bool is_lanes = false;
    std::size_t elements = 0;
  };

  /// Completes the pointer of the value that begins.
  void begin_value() {
    if (open_.empty() || !open_.back().is_array) return;
    at_.resize(open_.back().length);
    at_ += fmt::format("/{}", open_.back().elements++);
  }

  bool among_lanes() const { return open_.size() == kLaneDepth && open_[1].is_lanes; }

  bool in_lane() const { return open_.size() > kLaneDepth && open_[1].is_lanes; }

  /// An object or an array begins, which no field is.
  bool enter() {
    begin_value();
    Scalar container;
    return open_.empty() || put(container);
  }

  bool take(Scalar value) {
    begin_value();
    if (open_.empty()) return complain("", "want an object");
    if (among_lanes()) return complain(at_, "want an object");
    if (open_.size() == 1 && at_ == kLanes) return complain(at_, "want an array");
    return put(value);
  }

  bool put(Scalar& value) {
    const std::string_view at = at_;
    const Complaint complaint = in_lane() ? lane_fields_.take(lane_, at.substr(lane_at_), value)
                                          : file_.take(port_, at, value);
    return complaint.empty() || complain(at_, complaint);
  }

  bool end_lane() {
    if (const auto* const field = lane_fields_.missing(lane_.settings.vlan.has_value())) {
      return lacks(std::string_view(at_).substr(0, lane_at_), *field);
    }
    port_.record.lanes.push_back(std::move(lane_));
    return true;
  }

  template <typename Target>
  bool lacks(std::string_view object, const Field<Target>& field) {
    return complain(fmt::format("{}{}", object, field.at),
                    fmt::format("want {}", wanted(field.kind)));
  }

  bool complain(const std::string& at, std::string_view why) {
    problem_ = at.empty() ? std::string(why) : fmt::format("{}: {}", at, why);
    return false;
  }

  DecodedPort port_;
  LaneRecord lane_;
  ObjectReader<DecodedPort, kFileFields.size()> file_{kFileFields};
  ObjectReader<LaneRecord, kLaneFields.size()> lane_fields_{kLaneFields};
  std::vector<Open> open_;
  std::string at_;  ///< JSON pointer of the value at hand.
  std::size_t lane_at_ = 0;
  bool has_lanes_ = false;
  std::string problem_;
};

}  // namespace

Result<DecodedPort> decode_port(std::string_view text) {
  PortReader reader;
  static_cast<void>(Json::sax_parse(text, &reader));  // The reader knows what went wrong.
  return reader.finish();
}

}  // namespace sluice
