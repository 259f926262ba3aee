#include "test/life/run.h"

#include <fmt/format.h>

#include <cstdio>
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

void print(const Table& table, const std::vector<Subject>& subjects) {
  constexpr int kStepWidth = 38;
  // Names of subjects stand on their side: they are longer than what is below them.
  std::printf("\nThe life of a lane: steps and hardware\n\n");
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    std::printf("  %c  %s\n", static_cast<char>('A' + i), subjects[i].name.c_str());
  }
  std::printf("\n%-*s", kStepWidth, "");
  for (std::size_t i = 0; i < subjects.size(); ++i)
    std::printf(" %-7c", static_cast<char>('A' + i));
  std::printf("\n");
  for (const Step& step : all_steps()) {
    const auto row = table.find(std::string(step.name));
    if (row == table.end()) continue;
    std::printf("%-*s", kStepWidth, row->first.c_str());
    for (const Subject& subject : subjects) {
      const auto cell = row->second.find(subject.name);
      std::printf(" %-7s", cell != row->second.end() ? cell->second.c_str() : "");
    }
    std::printf("\n");
  }
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
  print(table, subjects);
  return failed;
}

}  // namespace sluice
