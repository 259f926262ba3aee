// What a VF still has of a trial.
#include "ctl/doctor/subject.h"
#include "pkg/bandwidth/rate_plan.h"

namespace sluice {
namespace {

/// Collects what differs, as one text.
class Differences {
 public:
  void add(const std::string& what) { text_ += (text_.empty() ? "" : "; ") + what; }

  template <typename T>
  void compare(const char* what, const T& wanted, const T& found) {
    if (!(wanted == found)) add(fmt::format("{} '{}', not '{}'", what, found, wanted));
  }

  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::string text_of(const std::optional<MacAddress>& mac) {
  return mac ? mac->to_string() : "none";
}

void compare_links(Differences& differences, const Link& home, const Link& now) {
  differences.compare("name", home.name, now.name);
  // Of a fresh VF some drivers make up none (qede); what its port gave it then stays.
  const bool had_one = home.mac && !home.mac->is_zero();
  if (had_one) differences.compare("MAC", text_of(home.mac), text_of(now.mac));
  differences.compare("MTU", home.mtu, now.mtu);
  if (now.up) differences.add("up");
  if (now.special_modes) differences.add("in a special mode");
}

std::string text_of(const Rate& rate) {
  return fmt::format("{}..{}", to_string(rate.floor), to_string(rate.ceiling));
}

// The MAC is not compared: most drivers report the VF's own.
void compare_reports(Differences& differences, const Subject& before, const VfInfo& now,
                     bool spoofchk) {
  const Rate free = released_rate(before.capability, before.facts.line_rate);
  if (now.rate) differences.compare("rate", text_of(free), text_of(*now.rate));
  if (now.vlan) differences.compare<int>("VLAN", 0, now.vlan->id);
  if (now.trust && *now.trust) differences.add("trust on");
  if (!before.report) return;
  // Some drivers report it off whatever was set (facts of qede, IPoIB): as before is fine, too.
  if (now.spoofchk && *now.spoofchk != spoofchk && now.spoofchk != before.report->spoofchk) {
    differences.add(*now.spoofchk ? "spoof check on" : "spoof check off");
  }
  if (now.link_state && now.link_state != before.report->link_state &&
      *now.link_state != VfLinkState::automatic) {
    differences.add("link state not automatic");
  }
}

}  // namespace

Result<std::string> left_behind(Kernel& kernel, const Dir& sysfs, const Ledger& ledger,
                                const Subject& before) {
  Differences differences;
  PortRecord port = TRY(ledger.peek(before.location.port.to_string()));
  if (port.find(before.vf.to_string()) != nullptr) differences.add("a lane in the ledger");
  if (port.find_unreset(before.vf.to_string()) != nullptr) {
    differences.add("a setting that its port has still to take back");
  }
  const VfLocation now = TRY(locate_vf(sysfs, before.vf, before.location.index));
  std::optional<Link> link;
  if (!now.link.empty()) link = TRY(kernel.links().find(now.link));
  if (link) {
    compare_links(differences, before.home, *link);
  } else {
    differences.add("its link is not at home");
  }
  const std::optional<VfInfo> report = TRY(report_of(kernel, now));
  if (report) compare_reports(differences, before, *report, port.spoofchk);
  return differences.text();
}

}  // namespace sluice
