#include "pkg/annotations/annotations.h"

#include "pkg/annotations/lanes_annotation.h"
#include "pkg/annotations/papers_annotation.h"
#include "pkg/json/problems_error.h"

namespace sluice {
namespace {

// Empty is as absent, as in the papers.
std::string_view text_of(const Annotations& annotations, std::string_view key) {
  const auto found = annotations.find(std::string(key));
  return found == annotations.end() ? std::string_view() : found->second;
}

template <typename Read>
Result<std::optional<AnnotatedPod>> read(std::string_view key, std::string_view text, Read reader) {
  Problems problems;
  AnnotatedPod pod;
  if (text.size() > kLongestAnnotation) {
    problems.add("", fmt::format("has {} bytes, {} are allowed", text.size(), kLongestAnnotation));
  } else {
    pod = reader(text, problems);
  }
  if (!problems.empty()) return problems_error(fmt::format("annotation '{}'", key), problems);
  if (pod.ask.lanes.empty()) return std::optional<AnnotatedPod>();
  // Whether the groups contradict each other.
  TRY(bundles_of(pod.ask).context("annotation '{}'", key));
  return std::optional(std::move(pod));
}

}  // namespace

Result<std::optional<AnnotatedPod>> read_annotations(const Annotations& annotations) {
  const std::string_view papers = text_of(annotations, kPapersAnnotation);
  const std::string_view lanes = text_of(annotations, kLanesAnnotation);
  if (!papers.empty() && !lanes.empty()) {
    return Error(Code::invalid_argument,
                 fmt::format("annotations '{}' and '{}' are both given; a pod may have one of them",
                             kPapersAnnotation, kLanesAnnotation));
  }
  if (!papers.empty()) return read(kPapersAnnotation, papers, read_papers_annotation);
  if (!lanes.empty()) return read(kLanesAnnotation, lanes, read_lanes_annotation);
  return std::optional<AnnotatedPod>();
}

}  // namespace sluice
