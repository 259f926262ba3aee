#include "ctl/doctor/report.h"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "ctl/format.h"
#include "ctl/table.h"
#include "pkg/json/document.h"
#include "pkg/json/members.h"

namespace sluice {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array kVerdicts = {Verdict::kept, Verdict::not_kept, Verdict::refused,
                                  Verdict::untried};

Json to_json(const StepResult& step) {
  return {{"step", step.step},
          {"promise", step.promise},
          {"verdict", to_string(step.finding.verdict)},
          {"answer", step.finding.answer}};
}

Json to_json(const TrialFacts& facts) {
  return {{"sluice", facts.sluice},
          {"kernel", facts.kernel},
          {"vf", facts.vf},
          {"number", facts.number},
          {"vf_driver", or_null(facts.vf_driver)},
          {"port", facts.port},
          {"port_link", or_null(facts.port_link)},
          {"driver", or_null(facts.driver)},
          {"firmware", or_null(facts.firmware)},
          {"eswitch_mode", or_null(facts.eswitch_mode)},
          {"line_rate", or_null(facts.line_rate)},
          {"carrier", facts.carrier},
          {"capability_row", or_null(facts.row)},
          {"floor_enforcement", facts.floor_enforcement},
          {"ceiling_enforcement", facts.ceiling_enforcement},
          {"rdma_device", or_null(facts.rdma_device)},
          {"rdma_netns_mode", or_null(facts.rdma_mode)}};
}

long count(const std::vector<StepResult>& steps, Verdict verdict) {
  return std::count_if(steps.begin(), steps.end(), [verdict](const StepResult& step) {
    return step.finding.verdict == verdict;
  });
}

}  // namespace

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::kept: return "kept";
    case Verdict::not_kept: return "not kept";
    case Verdict::refused: return "refused by the driver";
    case Verdict::untried: return "could not be tried";
  }
  return "could not be tried";
}

bool all_kept(const std::vector<StepResult>& steps) {
  return count(steps, Verdict::not_kept) == 0;
}

std::string facts_text(const TrialFacts& facts) {
  const std::string rdma =
      facts.rdma_device.empty() ? "-" : fmt::format("{} ({})", facts.rdma_device, facts.rdma_mode);
  return to_table({
      {"sluice", facts.sluice},
      {"kernel", facts.kernel},
      {"VF", fmt::format("{} (number {}, {})", facts.vf, facts.number, or_dash(facts.vf_driver))},
      {"port", fmt::format("{} ({})", facts.port, or_dash(facts.port_link))},
      {"driver", or_dash(facts.driver)},
      {"firmware", or_dash(facts.firmware)},
      {"eswitch mode", or_dash(facts.eswitch_mode)},
      {"line rate",
       fmt::format("{}, {}", or_dash(facts.line_rate), facts.carrier ? "carrier" : "no carrier")},
      {"capability row", or_dash(facts.row)},
      {"floorEnforcement", facts.floor_enforcement},
      {"ceilingEnforcement", facts.ceiling_enforcement},
      {"RDMA device", rdma},
  });
}

std::string step_text(const StepResult& step) {
  // As wide as the longest step and verdict: lines come one by one and still form columns.
  std::string text =
      fmt::format("{:<12}  {:<21}  {}\n", step.step, to_string(step.finding.verdict), step.promise);
  if (!step.finding.answer.empty()) text += fmt::format("{:<12}    {}\n", "", step.finding.answer);
  return text;
}

std::string summary_text(const std::vector<StepResult>& steps) {
  std::string text;
  for (const Verdict verdict : kVerdicts) {
    text +=
        fmt::format("{}{} {}", text.empty() ? "" : ", ", count(steps, verdict), to_string(verdict));
  }
  return text + "\n";
}

std::string report_json(const TrialFacts& facts, const std::vector<StepResult>& steps) {
  Json document = to_json(facts);
  document["all_kept"] = all_kept(steps);
  document["steps"] = Json::array();
  for (const StepResult& step : steps) document["steps"].push_back(to_json(step));
  return to_text(document);
}

std::string encode(const StepResult& step) {
  return to_line(to_json(step));
}

Result<StepResult> decode_step(std::string_view line) {
  const nlohmann::json json = parse_document(line);
  Problems ignored;
  Members step(json, "", ignored);
  const std::string word = step.text("verdict");
  const auto* const verdict = std::find_if(kVerdicts.begin(), kVerdicts.end(),
                                           [&](Verdict v) { return to_string(v) == word; });
  if (verdict == kVerdicts.end()) {
    return Error(Code::data_loss, fmt::format("not the report of a step: '{}'", line));
  }
  return StepResult{.step = step.text("step"),
                    .promise = step.text("promise"),
                    .finding = {.verdict = *verdict, .answer = step.text("answer")}};
}

}  // namespace sluice
