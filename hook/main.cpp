// sluice-memlock: sets how much memory a container may lock; started by the container runtime
// (docs/locked-memory.md).
#include "hook/program.h"

int main(int argc, char** argv) {
  const std::span<char* const> words(argv, static_cast<std::size_t>(argc));
  return sluice::hook::run(words.subspan(words.empty() ? 0 : 1));
}
