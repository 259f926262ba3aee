// link_requests: prints the requests about links in a trace on standard input (link_requests.h).
#include <cstdio>
#include <iostream>
#include <iterator>

#include "test/support/link_requests.h"

int main() {
  const std::string trace(std::istreambuf_iterator<char>(std::cin), {});
  for (const sluice::LinkRequest& request : sluice::decode_link_requests(trace)) {
    std::puts(sluice::to_string(request).c_str());
  }
}
