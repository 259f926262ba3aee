#include "pkg/ledger/record.h"
#include "test/fuzz/fuzz.h"

namespace sluice {

void try_input(const std::uint8_t* data, std::size_t size) {
  const Result<DecodedPort> port = decode_port(text_of(data, size));
  if (!port) return;
  const Result<DecodedPort> again = decode_port(encode(port->record, port->boot_id));
  require(again && again->record == port->record && again->boot_id == port->boot_id);
}

}  // namespace sluice
