// sluice-fake-api: FakeApiServer as a program, for tests in other languages. Prints its URL, and
// serves until its standard input ends.
#include <iostream>
#include <limits>

#include "test/fake/fake_api_server.h"
#include "test/fake/fake_slice_rules.h"

int main() {
  sluice::FakeApiServer server;
  server.serve("resource.k8s.io", {"v1"});
  server.admit_with(sluice::slice_admission());
  std::cout << server.url() << std::endl;
  std::cin.ignore(std::numeric_limits<std::streamsize>::max());
}
