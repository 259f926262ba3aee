// libnl can translate host and protocol names, which nothing here asks for; in a static program
// that would bring the C library's resolver, which needs the host's shared objects of the very same
// version. These take its place: no name is known.
#include <netdb.h>

#include <cstdio>
#include <cstdlib>

// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming,readability-function-size):
// names and parameters are those they are linked by.
extern "C" {

int getaddrinfo(const char* /*node*/, const char* /*service*/, const addrinfo* /*hints*/,
                addrinfo** /*result*/) {
  return EAI_NONAME;
}

void freeaddrinfo(addrinfo* /*result*/) {}

const char* gai_strerror(int /*code*/) {
  return "names are not resolved";
}

int getnameinfo(const sockaddr* /*address*/, socklen_t /*size*/, char* /*host*/,
                socklen_t /*host_size*/, char* /*service*/, socklen_t /*service_size*/,
                int /*flags*/) {
  return EAI_NONAME;
}

protoent* getprotobyname(const char* /*name*/) {
  return nullptr;
}

protoent* getprotobynumber(int /*number*/) {
  return nullptr;
}

// libnl reads the clock of packet schedulers at start-up, which only its own tc functions need,
// with a scanf family that would be a tenth of this program. Nothing is ever matched.
int __isoc99_fscanf(FILE* /*file*/, const char* /*format*/, ...) {
  return 0;
}

int __isoc99_sscanf(const char* /*text*/, const char* /*format*/, ...) {
  return 0;
}
}

// What ends the program on an uncaught exception. The library's own prints its name, for
// which it brings a demangler and the printf family.
namespace __gnu_cxx {
void __verbose_terminate_handler() {
  std::abort();
}
}  // namespace __gnu_cxx
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming,readability-function-size)
