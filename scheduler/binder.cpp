#include "scheduler/binder.h"

#include <utility>

#include <nlohmann/json.hpp>

#include "pkg/annotations/placement_annotation.h"
#include "pkg/json/document.h"

namespace sluice {
namespace {

using nlohmann::json;

constexpr std::chrono::milliseconds kFirstRetry{50};

std::string path_of(const std::string& name_space, const std::string& name) {
  return fmt::format("/api/v1/namespaces/{}/pods/{}", name_space, name);
}

json binding_of(const ExtenderBindingArgs& args, const std::string& placement) {
  json metadata = {
      {"name", args.pod_name}, {"namespace", args.pod_namespace}, {"uid", args.pod_uid}};
  if (!placement.empty()) {
    metadata["annotations"] = {{std::string(kPlacementAnnotation), placement}};
  }
  return {{"apiVersion", "v1"},
          {"kind", "Binding"},
          {"metadata", metadata},
          {"target", {{"apiVersion", "v1"}, {"kind", "Node"}, {"name", args.node}}}};
}

/// Whether the API may have done what it answered so to, or will. What it refuses by these it has
/// not done.
bool is_unknown(Code code) {
  switch (code) {
    case Code::invalid_argument:
    case Code::not_found:
    case Code::already_exists:
    case Code::busy:
    case Code::permission_denied:
    case Code::unsupported: return false;
    default: return true;
  }
}

/// What a refusal means for the one who asked.
Error explained(Error error, const ExtenderBindingArgs& args) {
  if (error.code() == Code::busy && error.message().find(": 409 ") != std::string::npos) {
    return Error(Code::already_exists,
                 fmt::format("{}/{} is not the pod with UID {} any more, or is bound: {}",
                             args.pod_namespace, args.pod_name, args.pod_uid, error.message()));
  }
  error.prepend(fmt::format("bind {}/{} to node {}", args.pod_namespace, args.pod_name, args.node));
  return error;
}

}  // namespace

ApiOptions binding_options(ApiOptions options) {
  options.deadline = kBindDeadline;
  options.attempt = kBindDeadline;
  options.backoff = {.first = kFirstRetry, .longest = kBindDeadline};
  return options;
}

Binder::Binder(ClusterView& view, const RecentPods& recent, ApiClient& client, Options options)
    : view_(view), recent_(recent), client_(client), options_(std::move(options)) {}

Result<> Binder::bind(const ExtenderBindingArgs& args) {
  const std::shared_ptr<const AskedPod> pod = TRY(find_pod(args));
  if (!pod->malformed.empty()) return Error(Code::invalid_argument, pod->malformed);
  std::string placement;
  if (pod->ask) {
    const PodPlacement lanes =
        TRY(view_.assume(pod->facts, args.node, *pod->ask).context("node {}", args.node));
    placement = encode_placement(lanes);
  }
  if (!options_.may_bind(kBindEnd)) {
    view_.undo(args.pod_uid);
    return Error(Code::busy, "this replica is not the leader, or may not be for long enough");
  }
  const Result<> written = write(args, placement);
  if (written) {
    view_.confirm(args.pod_uid);
  } else if (is_unknown(written.error().code())) {
    view_.doubt(args.pod_uid, options_.now() + kBindEnd);
  } else {
    view_.undo(args.pod_uid);
  }
  if (!written) return explained(written.error(), args);
  return {};
}

Result<> Binder::settle() {
  for (const ClusterView::Doubt& doubt : view_.doubts(options_.now())) TRY(settle(doubt));
  return {};
}

Result<> Binder::settle(const ClusterView::Doubt& doubt) {
  const Result<PodFacts> pod = read_pod(doubt.name_space, doubt.name);
  if (!pod && pod.error().code() != Code::not_found) return pod.error();
  if (!pod || pod->uid != doubt.uid) {
    view_.drop_pod(doubt.uid);
  } else if (pod->node.empty()) {
    view_.undo(doubt.uid);
  } else {
    view_.set_pod(*pod);
  }
  return {};
}

Result<std::shared_ptr<const AskedPod>> Binder::find_pod(const ExtenderBindingArgs& args) {
  if (auto recent = recent_.find(args.pod_uid)) return recent;
  PodFacts facts = TRY(read_pod(args.pod_namespace, args.pod_name));
  if (facts.uid != args.pod_uid) {
    return Error(Code::already_exists,
                 fmt::format("{}/{} is another pod by now: its UID is {}, that to bind has {}",
                             args.pod_namespace, args.pod_name, facts.uid, args.pod_uid));
  }
  return std::make_shared<const AskedPod>(asked_pod(std::move(facts)));
}

Result<PodFacts> Binder::read_pod(const std::string& name_space, const std::string& name) {
  const std::string text = TRY(client_.get(path_of(name_space, name)));
  return facts_of(parse_document(text), options_.domain);
}

Result<> Binder::write(const ExtenderBindingArgs& args, const std::string& placement) {
  const std::string path = with_query(path_of(args.pod_namespace, args.pod_name) + "/binding",
                                      {{"timeout", fmt::format("{}s", kBindTimeout.count())}});
  TRY(client_.create(path, binding_of(args, placement).dump()));
  return {};
}

}  // namespace sluice
