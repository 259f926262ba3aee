#pragma once

#include <string>
#include <vector>

#include "pkg/inventory/types.h"
#include "pkg/lane/vf/vf_write.h"

namespace sluice {

/// What is to be told of a port's VFs: each sentence once, with the VFs of which it is true.
class VfNotes {
 public:
  explicit VfNotes(const Port& port) : driver_(port.driver), carrier_(port.carrier) {}

  /// "spoof check left off: driver mlx5_core does not take it (EOPNOTSUPP)"
  void refused(int vf, const Refusal& refusal);

  /// "rate of VF 3 stays until the port has carrier"
  void rate_stays(int vf);

  /// `subject`, the VFs and `rest`: "spoof check of VFs 1, 2 cannot be read back".
  void add(int vf, const std::string& subject, const std::string& rest);

  /// In the order in which they were first added. VFs are named unless all `vfs` of the port are
  /// meant.
  std::vector<std::string> sentences(std::size_t vfs) const;

 private:
  struct Note {
    std::string subject;
    std::string rest;
    std::vector<int> vfs;
  };

  std::string driver_;
  bool carrier_;
  std::vector<Note> notes_;
};

}  // namespace sluice
