#pragma once

#include <string>
#include <vector>

#include "pkg/base/result.h"

namespace sluice::sim {

/// Rows of what an experiment measured; as many fields each as there are columns.
struct Table {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;

  void add(std::vector<std::string> row) { rows.push_back(std::move(row)); }
};

/// Something that must show in the table.
struct Check {
  std::string claim;
  bool holds = false;
};

struct Report {
  std::string title;
  Table table;
  std::vector<Check> checks;

  void check(std::string claim, bool holds) { checks.push_back({std::move(claim), holds}); }
  bool holds() const;
};

/// In columns, for people, and each check with "ok" or "MISSED".
std::string to_text(const Report& report);

/// RFC 4180, with a line for the columns.
std::string to_csv(const Table& table);

/// The error names the file.
Result<> write_csv(const Table& table, const std::string& path);

}  // namespace sluice::sim
