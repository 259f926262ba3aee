#pragma once

#include <map>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "pkg/annotations/annotations.h"

namespace sluice {

/// What is of interest in a Pod object.
struct PodFacts {
  std::string uid;
  std::string name_space;
  std::string name;
  std::string node;                    ///< spec.nodeName; empty before it is bound.
  bool is_over = false;                ///< It has succeeded or failed, and holds nothing any more.
  Annotations annotations;             ///< Those about lanes alone.
  std::map<std::string, int> classes;  ///< Lanes that its containers ask of each class.
  std::map<std::string, int> lacking;  ///< Of these, what kube-scheduler found too little of.
  bool has_claims = false;             ///< It refers to ResourceClaims, of whatever driver.
  bool on_host_network = false;

  /// Whether an annotation says what lanes it is to have.
  bool is_annotated() const;
};

/// Reads a Pod of the API. What is missing or makes no sense is empty: the API server has validated
/// the pod. `domain` is that of the classes' resources.
PodFacts facts_of(const nlohmann::json& pod, std::string_view domain);

}  // namespace sluice
