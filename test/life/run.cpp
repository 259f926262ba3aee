#include "test/life/run.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>

#include "test/life/steps.h"

namespace sluice {
namespace {

/// What became of each step on each subject.
using Table = std::map<std::string, std::map<std::string, std::string>>;  // step -> subject -> word

const char* word(Outcome outcome) {
  switch (outcome) {
    case Outcome::ok: return "ok";
    case Outcome::refused: return "refused";
    case Outcome::not_here: return "-";
  }
  return "?";
}

class LifeTest : public testing::Test {
 public:
  LifeTest(const Subject& subject, const Step& step, Table& table)
      : subject_(subject), step_(step), table_(table) {}

  void TestBody() override {
    if (!subject_.make) GTEST_SKIP() << "this machine has none";
    const std::unique_ptr<Hardware> hardware = subject_.make();
    Life life(*hardware);
    SCOPED_TRACE(life.provision());
    step_.run(life);
    if (HasFailure()) std::printf("The agent said:\n%s", life.said().c_str());
    std::string& cell = table_[std::string(step_.name)][subject_.name];
    cell = HasFailure() ? "FAILED" : word(life.outcome);
    if (!HasFailure() && life.outcome == Outcome::not_here) GTEST_SKIP() << "not to be had on it";
  }

 private:
  const Subject& subject_;
  Step step_;
  Table& table_;
};

std::string test_name(const Step& step, const Subject& subject) {
  std::string name = fmt::format("{}/{}", step.name, subject.name);
  std::erase(name, ' ');
  std::replace(name.begin(), name.end(), ',', '_');
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

std::string to_text(const Table& table, const std::vector<Subject>& subjects) {
  constexpr int kStepWidth = 38;
  // Names of subjects stand on their side: they are longer than what is below them.
  std::string text = "The life of a lane: steps and hardware\n\n";
  std::string heads;
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    const char letter = static_cast<char>('A' + i);
    text += fmt::format("  {}  {}{}\n", letter, subjects[i].name,
                        subjects[i].make ? "" : ": this machine has none");
    heads += fmt::format(" {:<7}", letter);
  }
  text += fmt::format("\n{:{}}{}\n", "", kStepWidth, heads);
  for (const Step& step : all_steps()) {
    const auto row = table.find(std::string(step.name));
    if (row == table.end()) continue;
    text += fmt::format("{:{}}", row->first, kStepWidth);
    for (const Subject& subject : subjects) {
      const auto cell = row->second.find(subject.name);
      text += fmt::format(" {:<7}", cell != row->second.end() ? cell->second : "");
    }
    text += "\n";
  }
  return text;
}

// Beside other results where there are any: programs that run tests swallow what passed ones say.
void show(const std::string& text) {
  std::printf("\n%s", text.c_str());
  const char* const results = std::getenv("RESULTS_DIR");  // NOLINT(concurrency-mt-unsafe)
  if (results != nullptr) std::ofstream(std::string(results) + "/life.txt") << text;
}

}  // namespace

int run_life(int argc, char** argv, const std::vector<Subject>& subjects) {
  testing::InitGoogleMock(&argc, argv);
  Table table;
  for (const Step& step : all_steps()) {
    for (const Subject& subject : subjects) {
      testing::RegisterTest(
          "LifeOfALane", test_name(step, subject).c_str(), nullptr, nullptr, __FILE__, __LINE__,
          [&table, &subject, step]() -> LifeTest* { return new LifeTest(subject, step, table); });
    }
  }
  const int failed = RUN_ALL_TESTS();
  show(to_text(table, subjects));
  return failed;
}

}  // namespace sluice
