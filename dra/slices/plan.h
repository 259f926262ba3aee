#pragma once

#include <map>
#include <string>
#include <vector>

#include "dra/slices/slice_json.h"
#include "dra/slices/slices.h"

namespace sluice::dra {

/// By name.
using StoredSlices = std::map<std::string, StoredSlice>;

/// What is to be done, in this order: consumers of a pool take the slices of its highest generation
/// once they are as many as each says, so what is removed last was no longer read.
struct SlicePlan {
  std::vector<Slice> writes;         ///< Whole, with their generation; new names are created.
  std::vector<std::string> removes;  ///< Names.

  bool empty() const { return writes.empty() && removes.empty(); }
};

/// Brings the slices of a driver on a node from `stored` to `wanted`, if need be in several plans.
/// Pure.
///
/// One slice that changes keeps the pool's generation, as does one that vanished. Where several
/// change, all get the next one, so that no consumer mixes old and new; what an interrupted update
/// has left undone is done in the generation that it had begun.
SlicePlan plan_slices(std::vector<Slice> wanted, const StoredSlices& stored);

}  // namespace sluice::dra
