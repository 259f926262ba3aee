#include "scheduler/cluster_watch.h"

#include <pthread.h>

#include <utility>

#include <nlohmann/json.hpp>

#include "pkg/json/members.h"
#include "pkg/kube/watch.h"
#include "scheduler/pod_facts.h"

namespace sluice {
namespace {

using nlohmann::json;

std::string name_of(const json& object) {
  Problems ignored;
  return Members(object, "", ignored).object("metadata").text("name");
}

}  // namespace

std::string to_string(Listed what) {
  switch (what) {
    case Listed::nodes: return "nodes";
    case Listed::node_lanes: return "nodelanes";
    case Listed::pods: break;
  }
  return "pods";
}

ClusterWatch::ClusterWatch(ClusterView& view, WaitingPods& waiting, ApiClient& client,
                           Options options)
    : view_(view), waiting_(waiting), client_(client), options_(std::move(options)) {
  const auto start = [this](Listed what, void (ClusterWatch::*follow)(const std::stop_token&)) {
    threads_.emplace_back([this, what, follow](const std::stop_token& stop) {
      ::pthread_setname_np(::pthread_self(), to_string(what).c_str());
      (this->*follow)(stop);
    });
  };
  threads_.reserve(3);
  start(Listed::nodes, &ClusterWatch::follow_nodes);
  start(Listed::node_lanes, &ClusterWatch::follow_node_lanes);
  start(Listed::pods, &ClusterWatch::follow_pods);
}

void ClusterWatch::follow_nodes(const std::stop_token& stop) {
  follow_one(Listed::nodes, "/api/v1/nodes",
             {.set = [this](const json& node) { view_.set_node(name_of(node)); },
              .drop = [this](const json& node) { view_.drop_node(name_of(node)); }},
             stop);
}

void ClusterWatch::follow_node_lanes(const std::stop_token& stop) {
  follow_one(Listed::node_lanes, std::string(kNodeLanesPath),
             {.set =
                  [this](const json& lanes) {
                    view_.set_node_lanes(name_of(lanes), decode_node_lanes(lanes));
                  },
              .drop = [this](const json& lanes) { view_.drop_node_lanes(name_of(lanes)); }},
             stop);
}

void ClusterWatch::follow_pods(const std::stop_token& stop) {
  follow_one(Listed::pods, "/api/v1/pods",
             {.set = [this](const json& pod) { set_pod(pod); },
              .drop = [this](const json& pod) { drop_pod(pod); }},
             stop);
}

void ClusterWatch::set_pod(const json& pod) {
  const PodFacts facts = facts_of(pod, options_.domain);
  waiting_.set(facts);
  view_.set_pod(facts);
}

void ClusterWatch::drop_pod(const json& pod) {
  const std::string uid = facts_of(pod, options_.domain).uid;
  waiting_.drop(uid);
  view_.drop_pod(uid);
}

void ClusterWatch::begin(Listed what) {
  if (what == Listed::pods) waiting_.begin();
  view_.begin(what);
}

void ClusterWatch::end(Listed what) {
  if (what == Listed::pods) waiting_.end();
  view_.end(what);
}

void ClusterWatch::follow_one(Listed what, const std::string& path, const Handlers& handlers,
                              const std::stop_token& stop) {
  const WatchListener listener{
      .begun = [this, what] { begin(what); },
      .page =
          [&handlers](const std::vector<json>& objects) {
            for (const json& object : objects) handlers.set(object);
          },
      .listed =
          [this, what](const std::vector<json>& /*none*/) {
            end(what);
            options_.listed(what);
          },
      .changed = handlers.set,
      .removed = handlers.drop,
      .failed = [this, what](const Error& error) { options_.failed(what, error); }};
  follow(client_, {.path = path}, listener, stop);
}

}  // namespace sluice
