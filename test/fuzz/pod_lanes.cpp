#include "pkg/podlanes/protocol.h"
#include "test/fuzz/fuzz.h"

namespace sluice {

void try_input(const std::uint8_t* data, std::size_t size) {
  const std::string_view line = text_of(data, size);
  if (const Result<PodId> pod = decode_question(line)) {
    const std::string again = encode_question(*pod);
    require(again.find('\n') == std::string::npos);
    const Result<PodId> back = decode_question(again);
    require(back && *back == *pod);
  }
  if (const Result<std::vector<PodLane>> lanes = decode_answer(line)) {
    const std::string again = encode_answer(lanes);
    require(again.find('\n') == std::string::npos);
    const Result<std::vector<PodLane>> back = decode_answer(again);
    require(back && *back == *lanes);
  }
}

}  // namespace sluice
