#include "scheduler/extender_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include <nlohmann/json.hpp>

#include "pkg/base/kube_names.h"
#include "pkg/base/strings.h"
#include "pkg/json/skim.h"

namespace sluice {
namespace {

constexpr std::size_t kUsualName = 48;  // Room for a node's name in an answer, quotes included.

bool is_same(std::string_view key, std::string_view name) {
  return std::equal(key.begin(), key.end(), name.begin(), name.end(), [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) ==
           std::tolower(static_cast<unsigned char>(b));
  });
}

/// Of a null nothing is left.
Result<> read_unless_null(Unread& value, std::string_view& to) {
  const bool is_null = value.is_null();
  to = TRY(value.text());
  if (is_null) to = {};
  return {};
}

/// A member of an object by its Go name, as JSON; `otherwise` when it is absent or null. Of several
/// the last counts, as in Go.
Result<std::string_view> member(std::string_view object, std::string_view name,
                                std::string_view otherwise) {
  std::string_view found;
  const Result<> done = each_member(object, [&](std::string_view key, Unread& value) -> Result<> {
    return is_same(key, name) ? read_unless_null(value, found) : Result<>();
  });
  if (!done) return done.error();
  return found.empty() ? otherwise : found;
}

/// A name that the body has as it is can be answered as it is, and whether there is such a node is
/// for the cluster's books to say: a look at each letter would be a fifth of a decision.
Result<> add_name(ExtenderArgs& args, std::string_view name, bool is_in_body) {
  if (args.names.size() == kMostNodes) {
    return Error(Code::invalid_argument, fmt::format("more than {} nodes", kMostNodes));
  }
  if (name.empty() || (!is_in_body && !is_dns_subdomain(name))) {
    return Error(Code::invalid_argument, "no name of a node: " + in_quotes(name));
  }
  args.names.push_back(is_in_body ? name : args.unescaped.emplace_back(name));
  return {};
}

/// In the pass that finds where they end: they are nearly all of the body.
Result<> read_names(Unread& list, std::size_t body_size, ExtenderArgs& args) {
  args.names.clear();
  args.by_name = !list.is_null();
  if (!args.by_name) return {};
  args.names.reserve(body_size / kUsualName);
  Result<> read = list.each_text([&args](std::string_view name, bool is_in_body) -> Result<> {
    return add_name(args, name, is_in_body);
  });
  return std::move(read).context("NodeNames/{}", args.names.size());
}

Result<> read_node(std::string_view node, ExtenderArgs& args) {
  const std::string_view metadata = TRY(member(node, "metadata", "{}"));
  const std::string_view text = TRY(member(metadata, "name", "\"\""));
  std::string storage;
  const std::string_view name = TRY(text_of(text, storage));
  TRY(add_name(args, name, storage.empty()).context("metadata/name"));
  args.nodes.push_back(node);
  return {};
}

Result<> read_nodes(std::string_view list, ExtenderArgs& args) {
  const std::string_view items = TRY(member(list, "items", "[]").context("Nodes"));
  Result<> read =
      each_item(items, [&args](std::string_view node) { return read_node(node, args); });
  return std::move(read).context("Nodes/items/{}", args.nodes.size());
}

void append(std::string& list, std::string_view item) {
  if (!list.empty()) list += ',';
  list += item;
}

}  // namespace

Result<ExtenderArgs> decode_extender_args(std::string_view body) {
  ExtenderArgs args;
  std::string_view nodes;
  const Result<> done = each_member(body, [&](std::string_view key, Unread& value) -> Result<> {
    if (is_same(key, "NodeNames")) return read_names(value, body.size(), args);
    if (is_same(key, "Pod")) return read_unless_null(value, args.pod);
    if (is_same(key, "Nodes")) return read_unless_null(value, nodes);
    return {};
  });
  if (!done) return done.error();
  if (args.pod.empty()) return Error(Code::invalid_argument, "Pod: is missing");
  if (args.by_name) return args;
  if (nodes.empty()) {
    return Error(Code::invalid_argument, "Nodes and NodeNames: one of them must be there");
  }
  TRY(read_nodes(nodes, args));
  return args;
}

Result<ExtenderBindingArgs> decode_binding_args(std::string_view body) {
  const auto read = [body](std::string_view name, std::string& to) -> Result<> {
    const std::string_view value = TRY(member(body, name, "\"\""));
    std::string storage;
    to = TRY(text_of(value, storage).context("{}", name));
    return {};
  };
  ExtenderBindingArgs args;
  TRY(read("PodName", args.pod_name));
  TRY(read("PodNamespace", args.pod_namespace));
  TRY(read("PodUID", args.pod_uid));
  TRY(read("Node", args.node));
  const auto refuse = [](std::string_view name, std::string_view value) {
    return Error(Code::invalid_argument, fmt::format("{}: no name: {}", name, in_quotes(value)));
  };
  // They become parts of paths.
  if (!is_dns_subdomain(args.pod_name)) return refuse("PodName", args.pod_name);
  if (!is_dns_label(args.pod_namespace)) return refuse("PodNamespace", args.pod_namespace);
  if (!is_dns_subdomain(args.node)) return refuse("Node", args.node);
  if (args.pod_uid.empty()) return Error(Code::invalid_argument, "PodUID: is missing");
  return args;
}

void FilterAnswer::pass(std::size_t position) {
  if (!args_.by_name) {
    passed_.push_back(args_.nodes[position]);
    return;
  }
  const std::string_view name = args_.names[position];
  // All are parts of the body, and between two that stand side by side there is nothing else.
  constexpr std::string_view kBetween = R"(",")";
  if (args_.unescaped.empty() && !passed_.empty() &&
      name.data() == passed_.back().data() + passed_.back().size() + kBetween.size()) {
    std::string_view& names = passed_.back();
    names = {names.data(), names.size() + kBetween.size() + name.size()};
    return;
  }
  passed_.push_back(name);
}

void FilterAnswer::note(std::string& map, std::size_t position, std::string_view reason) const {
  append(map, "\"");
  map.append(args_.names[position]).append("\":").append(reason);
}

std::string FilterAnswer::with_passed(const std::vector<std::string_view>& parts) const {
  const std::string_view quote = args_.by_name ? "\"" : "";
  const std::string_view head =
      args_.by_name ? R"({"Nodes":null,"NodeNames":[)" : R"({"Nodes":{"metadata":{},"items":[)";
  const std::string_view tail = args_.by_name ? "]" : R"(]},"NodeNames":null)";
  std::size_t size = head.size() + tail.size();
  for (const std::string_view part : passed_) size += part.size() + 3;
  for (const std::string_view part : parts) size += part.size();
  std::string text;
  text.reserve(size);
  text.append(head);
  for (std::size_t i = 0; i < passed_.size(); ++i) {
    if (i > 0) text += ',';
    text.append(quote).append(passed_[i]).append(quote);
  }
  text.append(tail);
  for (const std::string_view part : parts) text.append(part);
  return text;
}

std::string FilterAnswer::json() const {
  return with_passed({R"(,"FailedNodes":{)", failed_, R"(},"FailedAndUnresolvableNodes":{)",
                      hopeless_, R"(},"Error":""})"});
}

std::string FilterAnswer::papers_json() const {
  const std::string_view between = failed_.empty() || hopeless_.empty() ? "" : ",";
  return with_passed({R"(,"FailedNodes":{)", failed_, between, hopeless_, R"(},"Error":""})"});
}

std::string filter_error(std::string_view error) {
  return fmt::format(R"({{"Nodes":null,"NodeNames":null,"FailedNodes":null,)"
                     R"("FailedAndUnresolvableNodes":null,"Error":{}}})",
                     quoted_json(error));
}

std::string encode_priorities(const std::vector<std::string_view>& names,
                              const std::vector<int>& scores) {
  if (names.empty()) return "[]";
  constexpr std::string_view kFirst = R"([{"Host":")";
  constexpr std::string_view kNext = R"(},{"Host":")";
  constexpr std::string_view kScore = R"(","Score":)";
  std::string list;
  list.reserve(names.size() * (kUsualName + kNext.size() + kScore.size() + 2));
  for (std::size_t i = 0; i < names.size(); ++i) {
    list.append(i == 0 ? kFirst : kNext).append(names[i]).append(kScore);
    list.append(std::to_string(scores[i]));
  }
  return list + "}]";
}

std::string encode_binding_result(std::string_view error) {
  return fmt::format(R"({{"Error":{}}})", quoted_json(error));
}

std::string quoted_json(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace sluice
