#include <nlohmann/json.hpp>

#include "scheduler/asked_pod.h"
#include "scheduler/extender_api.h"
#include "test/fuzz/fuzz.h"

namespace sluice {

void try_input(const std::uint8_t* data, std::size_t size) {
  const std::string_view body = text_of(data, size);
  const Result<ExtenderBindingArgs> binding = decode_binding_args(body);
  require(binding ? !binding->pod_uid.empty() : !binding.error().message().empty());
  const Result<ExtenderArgs> args = decode_extender_args(body);
  if (!args) {
    require(nlohmann::json::accept(filter_error(args.error().message())));
    return;
  }
  static_cast<void>(asked_pod(facts_of(nlohmann::json::parse(args->pod, nullptr, false), "s.dev")));
  // Whole nodes are repeated as they came, numbers beyond a double among them.
  if (!args->by_name && !nlohmann::json::accept(body)) return;
  // Whatever the nodes are called, the answer is JSON of as many as were asked about.
  FilterAnswer answer(*args);
  for (std::size_t i = 0; i < args->names.size(); ++i) answer.pass(i);
  const auto json = nlohmann::json::parse(answer.json(), nullptr, false);
  require(args->by_name ? json["NodeNames"].size() == args->names.size()
                        : json["Nodes"]["items"].size() == args->nodes.size());
}

}  // namespace sluice
