#include <nlohmann/json.hpp>

#include "pkg/placement/node_ports_json.h"
#include "pkg/placement/place.h"
#include "test/fuzz/fuzz.h"

namespace sluice {

void try_input(const std::uint8_t* data, std::size_t size) {
  const Result<NodePorts> decoded = decode_node_ports_text(text_of(data, size));
  if (!decoded) {
    require(!decoded.error().message().empty());
    return;
  }
  const Result<NodePorts> again = decode_node_ports(encode(*decoded));
  require(again && *again == *decoded);
  // Lanes can be placed on whatever ports there are.
  PodAsk ask;
  ask.lanes = {{.rate = {.floor = BitRate::gbps(1), .ceiling = {}}}, {}, {}};
  ask.same_port = {{1, 2}};
  const Result<Placement> placement = place(decoded->ports, ask);
  require(placement ? (*placement)[1] == (*placement)[2] : !placement.error().message().empty());
}

}  // namespace sluice
