// sluice-grant: makes and takes back grants, as front ends for claims and annotated pods do. For
// tests in the lab and the cluster; never installed.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <memory>

#include <CLI/CLI.hpp>

#include "pkg/base/quantity.h"
#include "pkg/base/rate_text.h"
#include "pkg/base/strings.h"
#include "pkg/inventory/locate_vf.h"
#include "pkg/ledger/set_aside.h"

namespace sluice {
namespace {

constexpr int kFailed = 1;
constexpr int kWrongUse = 2;

constexpr const char* kManual =
    R"(Makes and takes back grants: VFs set aside for one claim or one pod. A tool for
tests; on a real node the agent alone writes grants.

A grant is durable (grants.json) and keyed by the UID of its claim or pod. From
then on its VFs are one pod's, by the pod's UID, and their floors count as
promised. When that pod starts, the CNI plugin in pod mode attaches the VFs as
lanes, with the grant's rates, settings and interface names. No agent is needed.
A grant stays until it is revoked: it outlives lanes, pods and reboots.

Nothing is admitted here, for tests want grants too that a port can't carry. A VF
that is offered, or granted already, is refused.

  sluice-grant grant 0000:3b:00.2 200M/400M --uid c1 --pod-uid 5f0c --ifname rdma0
  sluice-grant grant 0000:3b:00.3 1G 0000:3b:00.4 0/2G --uid c2 --pod-uid 77aa
  sluice-grant list
  sluice-grant revoke c1

Exit codes: 0 done, 1 failure (nothing was changed), 2 wrong use.)";

constexpr const char* kGrantManual = R"(Sets VFs aside: VF RATE, and more such pairs.

VF is a PCI address, whose port sysfs tells. RATE is FLOOR or FLOOR/CEILING in
bit/s, as Kubernetes quantities ("200M/400M", "1G", "0/2G"); without a ceiling
there is no limit.)";

struct Arguments {
  std::string state_dir = "/var/lib/sluice";
  std::string sysfs_root = "/sys";
  Grant grant;  // All but its VFs and kind.
  std::string kind = "claim";
  std::vector<std::string> pairs;  // VF, RATE, VF, RATE, …
  std::vector<std::string> ifnames;
  std::string mac;
  std::uint16_t vlan = 0;
  bool trust = false;
  int mtu = 0;
};

Error wrong(std::string message) {
  return {Code::invalid_argument, std::move(message)};
}

Result<Rate> parse_rate(std::string_view text) {
  const std::vector<std::string_view> parts = split(text, '/');
  if (parts.size() > 2) return wrong(fmt::format("rate {}: want FLOOR/CEILING", in_quotes(text)));
  Rate rate{.floor = TRY(parse_quantity(parts.front()).context("floor")), .ceiling = {}};
  if (parts.size() == 2) rate.ceiling = TRY(parse_quantity(parts.back()).context("ceiling"));
  if (!rate.ceiling.is_zero() && rate.floor > rate.ceiling) {
    return wrong(fmt::format("floor {} is above ceiling {}", to_string(rate.floor),
                             to_string(rate.ceiling)));
  }
  return rate;
}

Result<VfSettings> settings_of(const Arguments& arguments) {
  VfSettings settings;
  if (!arguments.mac.empty()) settings.mac = TRY(MacAddress::parse(arguments.mac));
  if (arguments.vlan != 0) settings.vlan = VlanTag{.id = arguments.vlan};
  if (arguments.trust) settings.trust = true;
  return settings;
}

Result<GrantedVf> granted_vf(const Arguments& arguments, const Dir& sysfs, std::size_t number) {
  const PciAddress vf = TRY(PciAddress::parse(arguments.pairs[2 * number]));
  GrantedVf granted{.vf = vf.to_string(),
                    .port = TRY(locate_port_of(sysfs, vf)).address.to_string(),
                    .request = {},
                    .ifname = {},
                    .rate = TRY(parse_rate(arguments.pairs[2 * number + 1])),
                    .settings = TRY(settings_of(arguments)),
                    .mtu = arguments.mtu,
                    .char_devices = {}};
  if (number < arguments.ifnames.size()) granted.ifname = arguments.ifnames[number];
  return granted;
}

Result<> check_use(const Arguments& arguments) {
  const std::size_t vfs = arguments.pairs.size() / 2;
  if (arguments.pairs.size() % 2 != 0) return wrong("each VF wants a RATE");
  if (arguments.ifnames.size() > vfs) {
    return wrong(fmt::format("{} names for {} VFs", arguments.ifnames.size(), vfs));
  }
  if (!arguments.mac.empty() && vfs > 1) return wrong("several VFs cannot have one MAC");
  return {};
}

Result<> grant(const Arguments& arguments) {
  const Dir sysfs = TRY(Dir::open(arguments.sysfs_root));
  Grant made = arguments.grant;
  made.kind = arguments.kind == "pod" ? Grant::Kind::pod : Grant::Kind::claim;
  const SetAsideStore store(arguments.state_dir);
  SetAside aside = TRY(store.peek());
  for (std::size_t i = 0; i < arguments.pairs.size() / 2; ++i) {
    made.vfs.push_back(TRY(granted_vf(arguments, sysfs, i).context("{}", arguments.pairs[2 * i])));
    const Offer* const offer = offer_of(aside.offers, made.vfs.back().vf);
    if (offer == nullptr) continue;
    return wrong(fmt::format("VF {} is offered under class '{}'", offer->vf, offer->class_name));
  }
  aside.grants.push_back(std::move(made));
  return store.grants.save(aside.grants);
}

Result<> revoke(const Arguments& arguments) {
  const GrantStore store(arguments.state_dir);
  std::vector<Grant> grants = TRY(store.peek());
  const auto is_meant = [&](const Grant& each) { return each.uid == arguments.grant.uid; };
  if (std::erase_if(grants, is_meant) == 0) {
    fmt::print("no grant has UID '{}'\n", arguments.grant.uid);
    return {};
  }
  return store.save(grants);
}

std::string describe(const GrantedVf& vf) {
  const std::string name = vf.ifname.empty() ? "" : fmt::format(", as '{}'", vf.ifname);
  return fmt::format("VF {} of port {}, {}{}", vf.vf, vf.port, to_string(vf.rate), name);
}

Result<> list(const Arguments& arguments) {
  for (const Grant& each : TRY(GrantStore(arguments.state_dir).peek())) {
    fmt::print("{} '{}', UID {}, of the pod with UID {}\n",
               each.kind == Grant::Kind::pod ? "pod" : "claim", each.name, each.uid, each.pod_uid);
    for (const GrantedVf& vf : each.vfs) fmt::print("  {}\n", describe(vf));
  }
  return {};
}

int status_of(const Result<>& done) {
  if (done) return 0;
  fmt::print(stderr, "sluice-grant: {}\n", done.error().message());
  return kFailed;
}

int status_of_grant(const Arguments& arguments) {
  const Result<> use = check_use(arguments);
  if (use) return status_of(grant(arguments));
  status_of(use);
  return kWrongUse;
}

void add_grant_verb(CLI::App& program, const std::shared_ptr<Arguments>& arguments, int& status) {
  CLI::App* const verb = program.add_subcommand("grant", kGrantManual);
  verb->add_option("VF_RATE", arguments->pairs, "A VF and its rate; more pairs may follow")
      ->required();
  verb->add_option("--uid", arguments->grant.uid, "UID of the claim or pod")->required();
  verb->add_option("--pod-uid", arguments->grant.pod_uid, "UID of the pod that gets the lanes")
      ->required();
  verb->add_option("--name", arguments->grant.name, "namespace/name of the claim or pod");
  verb->add_option("--kind", arguments->kind, "What the VFs are granted to")
      ->capture_default_str()
      ->check(CLI::IsMember({"claim", "pod"}));
  verb->add_option("--ifname", arguments->ifnames,
                   "Interface in the pod; once a VF, in their order. Else the plugin chooses")
      ->allow_extra_args(false);
  verb->add_option("--vlan", arguments->vlan, "VLAN of all its VFs")->check(CLI::Range(1, 4094));
  verb->add_option("--mac", arguments->mac, "MAC of its VF");
  verb->add_option("--mtu", arguments->mtu, "MTU of all its VFs")->check(CLI::Range(68, 65535));
  verb->add_flag("--trust", arguments->trust, "Its VFs are trusted");
  verb->add_flag("--has-others", arguments->grant.has_others,
                 "The pod has lanes of classes beside: the agent must be asked");
  verb->add_option("--sysfs-root", arguments->sysfs_root, "Where sysfs is")
      ->capture_default_str()
      ->envname("SLUICE_SYSFS_ROOT");
  verb->callback([arguments, &status] { status = status_of_grant(*arguments); });
}

void add_verbs(CLI::App& program, const std::shared_ptr<Arguments>& arguments, int& status) {
  program.require_subcommand(1)->fallthrough();
  program.add_option("--state-dir", arguments->state_dir, "Where grants.json is")
      ->capture_default_str()
      ->envname("SLUICE_STATE_DIR");
  add_grant_verb(program, arguments, status);
  CLI::App* const revoking =
      program.add_subcommand("revoke", "Takes a grant back; success when there is none");
  revoking->add_option("UID", arguments->grant.uid, "As given to grant")->required();
  revoking->callback([arguments, &status] { status = status_of(revoke(*arguments)); });
  program.add_subcommand("list", "Shows all grants")->callback([arguments, &status] {
    status = status_of(list(*arguments));
  });
}

int run(int argc, char** argv) {
  int status = 0;
  const auto arguments = std::make_shared<Arguments>();
  CLI::App program(kManual, "sluice-grant");
  add_verbs(program, arguments, status);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? 0 : kWrongUse;
  }
  return status;
}

}  // namespace
}  // namespace sluice

int main(int argc, char** argv) {
  try {
    return sluice::run(argc, argv);
  } catch (const std::exception& error) {
    std::fputs(error.what(), stderr);
    return 1;
  }
}
