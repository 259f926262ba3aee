#include "bench/cluster_sim/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fstream>

namespace sluice::sim {
namespace {

std::string line_of(const std::vector<std::string>& fields,
                    const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    line += i == 0 ? fmt::format("{:<{}}", fields[i], widths[i])
                   : fmt::format("  {:>{}}", fields[i], widths[i]);
  }
  return line + "\n";
}

std::string csv_line(const std::vector<std::string>& fields) {
  std::string line;
  for (const std::string& field : fields) {
    if (&field != &fields.front()) line += ',';
    const bool needs_quotes = field.find_first_of(",\"\n") != std::string::npos;
    std::string quoted;
    for (const char c : field) quoted += c == '"' ? "\"\"" : std::string(1, c);
    line += needs_quotes ? '"' + quoted + '"' : field;
  }
  return line + "\r\n";
}

}  // namespace

bool Report::holds() const {
  return std::all_of(checks.begin(), checks.end(), [](const Check& c) { return c.holds; });
}

std::string to_text(const Report& report) {
  std::vector<std::size_t> widths;
  widths.reserve(report.table.columns.size());
  for (const std::string& column : report.table.columns) widths.push_back(column.size());
  for (const std::vector<std::string>& row : report.table.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text = report.title + "\n\n" + line_of(report.table.columns, widths);
  for (const std::vector<std::string>& row : report.table.rows) text += line_of(row, widths);
  text += "\n";
  for (const Check& check : report.checks) {
    text += fmt::format("{:<6}  {}\n", check.holds ? "ok" : "MISSED", check.claim);
  }
  return text;
}

std::string to_csv(const Table& table) {
  std::string text = csv_line(table.columns);
  for (const std::vector<std::string>& row : table.rows) text += csv_line(row);
  return text;
}

Result<> write_csv(const Table& table, const std::string& path) {
  errno = 0;
  std::ofstream file(path, std::ios::binary);
  file << to_csv(table);
  file.close();
  if (!file) return Error::from_errno(errno, fmt::format("write '{}'", path));
  return {};
}

}  // namespace sluice::sim
