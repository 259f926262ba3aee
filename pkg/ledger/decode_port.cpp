// A port's file, taken apart while it is parsed: the lanes of a full port are the most that an
// attach has to read, and a tree of them would cost twice the parsing.
#include <utility>

#include <nlohmann/json.hpp>

#include "pkg/ledger/port_fields.h"
#include "pkg/ledger/record.h"

namespace sluice {
namespace {

using Json = nlohmann::json;
using port_fields::kFileFields;
using port_fields::kLaneFields;
using port_fields::kUnresetFields;

constexpr std::string_view kLanes = "/lanes";
constexpr std::string_view kUnreset = "/unreset";

/// What the elements of an array of the file are.
enum class Elements { other, lanes, unreset };

Elements elements_at(std::string_view at) {
  if (at == kLanes) return Elements::lanes;
  return at == kUnreset ? Elements::unreset : Elements::other;
}

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
    if (among_elements()) {
      lane_ = LaneRecord();
      vf_ = UnresetVf();
      element_at_ = at_.size();
    }
    open_.push_back({.length = at_.size()});
    return true;
  }

  bool end_object() {
    open_.pop_back();
    if (among_elements()) return list() == Elements::lanes ? end_lane() : end_vf();
    if (!open_.empty()) return true;
    if (const auto* const field = file_.missing(false)) return lacks("", *field);
    return has_lanes_ || complain(std::string(kLanes), "want an array");
  }

  bool start_array(std::size_t) {
    if (!enter()) return false;
    if (open_.empty() || among_elements()) return complain(at_, "want an object");
    const Elements elements = open_.size() == 1 ? elements_at(at_) : Elements::other;
    has_lanes_ |= elements == Elements::lanes;
    open_.push_back({.length = at_.size(), .is_array = true, .of = elements});
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
  static constexpr std::size_t kElementDepth = 2;  // Inside the file's object and an array of it.

  struct Open {
    std::size_t length = 0;  ///< Of its own pointer, with which those of its members begin.
    bool is_array = false;
    Elements of = Elements::other;
    std::size_t elements = 0;
  };

  /// Completes the pointer of the value that begins.
  void begin_value() {
    if (open_.empty() || !open_.back().is_array) return;
    at_.resize(open_.back().length);
    at_ += fmt::format("/{}", open_.back().elements++);
  }

  /// Of the array that is open in the file's object.
  Elements list() const { return open_.size() >= kElementDepth ? open_[1].of : Elements::other; }

  bool among_elements() const { return open_.size() == kElementDepth && list() != Elements::other; }

  /// An object or an array begins, which no field is.
  bool enter() {
    begin_value();
    Scalar container;
    return open_.empty() || put(container);
  }

  bool take(Scalar value) {
    begin_value();
    if (open_.empty()) return complain("", "want an object");
    if (among_elements()) return complain(at_, "want an object");
    if (open_.size() == 1 && elements_at(at_) != Elements::other) {
      return complain(at_, "want an array");
    }
    return put(value);
  }

  bool put(Scalar& value) {
    const std::string_view at = at_;
    Complaint complaint;
    switch (open_.size() > kElementDepth ? list() : Elements::other) {
      case Elements::lanes:
        complaint = lane_fields_.take(lane_, at.substr(element_at_), value);
        break;
      case Elements::unreset:
        complaint = vf_fields_.take(vf_, at.substr(element_at_), value);
        break;
      case Elements::other: complaint = file_.take(port_, at, value); break;
    }
    return complaint.empty() || complain(at_, complaint);
  }

  bool end_lane() {
    if (const auto* const field = lane_fields_.missing(lane_.settings.vlan.has_value())) {
      return lacks(std::string_view(at_).substr(0, element_at_), *field);
    }
    port_.record.lanes.push_back(std::move(lane_));
    return true;
  }

  bool end_vf() {
    if (const auto* const field = vf_fields_.missing(vf_.settings.vlan.has_value())) {
      return lacks(std::string_view(at_).substr(0, element_at_), *field);
    }
    port_.record.unreset.push_back(std::move(vf_));
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
  UnresetVf vf_;
  ObjectReader<DecodedPort, kFileFields.size()> file_{kFileFields};
  ObjectReader<LaneRecord, kLaneFields.size()> lane_fields_{kLaneFields};
  ObjectReader<UnresetVf, kUnresetFields.size()> vf_fields_{kUnresetFields};
  std::vector<Open> open_;
  std::string at_;              ///< JSON pointer of the value at hand.
  std::size_t element_at_ = 0;  ///< Length of the pointer of the lane or VF at hand.
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
