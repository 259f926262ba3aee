#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/base/result.h"

namespace sluice {

// What kube-scheduler and its extenders tell each other (k8s.io/kube-scheduler/extender/v1): Go
// structs without tags, so that members are called as in Go, and found in any case. Parts refer to
// the body they were read from.

/// More than the largest cluster has (Kubernetes supports 5,000).
inline constexpr std::size_t kMostNodes = 50'000;

/// Arguments of filter and prioritize.
struct ExtenderArgs {
  std::string_view pod;                 ///< JSON of the Pod; it has neither kind nor apiVersion.
  bool by_name = false;                 ///< The scheduler is nodeCacheCapable: names alone came.
  std::vector<std::string_view> names;  ///< Of the nodes, as JSON has them between quotes.
  std::vector<std::string_view> nodes;  ///< JSON of each Node, unless by name.
  std::deque<std::string> unescaped;    ///< Names that the body writes with escapes.
};

/// invalid_argument with the member, and what is wrong with it: "NodeNames/3: no name of a node:
/// ''".
Result<ExtenderArgs> decode_extender_args(std::string_view body);

struct ExtenderBindingArgs {
  std::string pod_name;
  std::string pod_namespace;
  std::string pod_uid;
  std::string node;
};

/// The same; every member must be there.
Result<ExtenderBindingArgs> decode_binding_args(std::string_view body);

/// What filter answers; filled node by node, in the order asked. Whole nodes are repeated as
/// they came, so the answer is as good a JSON as the body was.
class FilterAnswer {
 public:
  /// `args` must outlive this object.
  explicit FilterAnswer(const ExtenderArgs& args) : args_(args) {}

  /// The pod can go to the node at this position of the arguments.
  void pass(std::size_t position);

  /// It cannot. `reason` is JSON text, quotes included.
  void fail(std::size_t position, std::string_view reason) { note(failed_, position, reason); }

  /// It cannot, and would not if other pods made way: FailedAndUnresolvableNodes.
  void fail_for_good(std::size_t position, std::string_view reason) {
    note(hopeless_, position, reason);
  }

  /// ExtenderFilterResult.
  std::string json() const;

  /// The same as the papers' extender wrote it, which knew no FailedAndUnresolvableNodes: such
  /// nodes have failed.
  std::string papers_json() const;

 private:
  void note(std::string& map, std::size_t position, std::string_view reason) const;
  std::string with_passed(const std::vector<std::string_view>& parts) const;

  const ExtenderArgs& args_;
  // Parts of the body: nodes, or names without the outer quotes, as many as stand side by side.
  std::vector<std::string_view> passed_;
  std::string failed_;  // JSON without the outer brackets, like those below.
  std::string hopeless_;
};

/// ExtenderFilterResult of a call that failed as a whole.
std::string filter_error(std::string_view error);

/// HostPriorityList: a score from 0 to 10 for each of `names`.
std::string encode_priorities(const std::vector<std::string_view>& names,
                              const std::vector<int>& scores);

/// ExtenderBindingResult; an empty error is success.
std::string encode_binding_result(std::string_view error);

/// A text as JSON, in quotes. What is no UTF-8 is replaced.
std::string quoted_json(std::string_view text);

}  // namespace sluice
