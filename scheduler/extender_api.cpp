#include "scheduler/extender_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>
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

/// A member of an object by its Go name, as JSON; nullopt when it is absent or null. Of several the
/// last counts, as in Go.
Result<std::optional<std::string_view>> member(std::string_view object, std::string_view name) {
  std::optional<std::string_view> found;
  TRY(each_member(object, [&](std::string_view key, std::string_view value) -> Result<> {
    if (!is_same(key, name)) return {};
    found = is_null(value) ? std::nullopt : std::optional(value);
    return {};
  }));
  return found;
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

Result<> read_names(std::string_view list, ExtenderArgs& args) {
  args.by_name = true;
  args.names.reserve(list.size() / kUsualName);
  Result<> read = each_text(list, [&args](std::string_view name, bool is_in_body) -> Result<> {
    return add_name(args, name, is_in_body);
  });
  return std::move(read).context("NodeNames/{}", args.names.size());
}

Result<> read_node(std::string_view node, ExtenderArgs& args) {
  const auto metadata = TRY(member(node, "metadata"));
  const auto text = TRY(member(metadata.value_or("{}"), "name"));
  std::string storage;
  const std::string_view name = TRY(text_of(text.value_or("\"\""), storage));
  TRY(add_name(args, name, storage.empty()).context("metadata/name"));
  args.nodes.push_back(node);
  return {};
}

Result<> read_nodes(std::string_view list, ExtenderArgs& args) {
  const auto items = TRY(member(list, "items").context("Nodes"));
  Result<> read = each_item(items.value_or("[]"),
                            [&args](std::string_view node) { return read_node(node, args); });
  return std::move(read).context("Nodes/items/{}", args.nodes.size());
}

void append(std::string& list, std::string_view item) {
  if (!list.empty()) list += ',';
  list += item;
}

}  // namespace

Result<ExtenderArgs> decode_extender_args(std::string_view body) {
  ExtenderArgs args;
  args.pod = "null";
  std::string_view names = "null";
  std::string_view nodes = "null";
  TRY(each_member(body, [&](std::string_view key, std::string_view value) -> Result<> {
    if (is_same(key, "Pod")) args.pod = value;
    if (is_same(key, "NodeNames")) names = value;
    if (is_same(key, "Nodes")) nodes = value;
    return {};
  }));
  if (is_null(args.pod)) return Error(Code::invalid_argument, "Pod: is missing");
  if (!is_null(names)) {
    TRY(read_names(names, args));
  } else if (!is_null(nodes)) {
    TRY(read_nodes(nodes, args));
  } else {
    return Error(Code::invalid_argument, "Nodes and NodeNames: one of them must be there");
  }
  return args;
}

Result<ExtenderBindingArgs> decode_binding_args(std::string_view body) {
  const auto read = [body](std::string_view name, std::string& to) -> Result<> {
    const auto value = TRY(member(body, name));
    std::string storage;
    to = TRY(text_of(value.value_or("\"\""), storage).context("{}", name));
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
  if (args_.by_name) {
    if (passed_.empty()) passed_.reserve(args_.names.size() * kUsualName);
    append(passed_, "\"");
    passed_.append(args_.names[position]).append("\"");
  } else {
    append(passed_, args_.nodes[position]);
  }
}

void FilterAnswer::note(std::string& map, std::size_t position, std::string_view reason) const {
  append(map, "\"");
  map.append(args_.names[position]).append("\":").append(reason);
}

std::string FilterAnswer::head() const {
  if (args_.by_name) return fmt::format(R"("Nodes":null,"NodeNames":[{}])", passed_);
  return fmt::format(R"("Nodes":{{"metadata":{{}},"items":[{}]}},"NodeNames":null)", passed_);
}

std::string FilterAnswer::json() const {
  return fmt::format(
      R"({{{},"FailedNodes":{{{}}},"FailedAndUnresolvableNodes":{{{}}},"Error":""}})", head(),
      failed_, hopeless_);
}

std::string FilterAnswer::papers_json() const {
  const char* const between = failed_.empty() || hopeless_.empty() ? "" : ",";
  return fmt::format(R"({{{},"FailedNodes":{{{}{}{}}},"Error":""}})", head(), failed_, between,
                     hopeless_);
}

std::string filter_error(std::string_view error) {
  return fmt::format(R"({{"Nodes":null,"NodeNames":null,"FailedNodes":null,)"
                     R"("FailedAndUnresolvableNodes":null,"Error":{}}})",
                     quoted_json(error));
}

std::string encode_priorities(const std::vector<std::string_view>& names,
                              const std::vector<int>& scores) {
  std::string list;
  list.reserve(names.size() * (kUsualName + std::string_view(R"({"Host":,"Score":10})").size()));
  for (std::size_t i = 0; i < names.size(); ++i) {
    append(list, R"({"Host":")");
    list.append(names[i]).append(R"(","Score":)").append(std::to_string(scores[i])).append("}");
  }
  return "[" + list + "]";
}

std::string encode_binding_result(std::string_view error) {
  return fmt::format(R"({{"Error":{}}})", quoted_json(error));
}

std::string quoted_json(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace sluice
