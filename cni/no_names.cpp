// libnl can translate host and protocol names, which nothing here asks for; in a static program
// that would bring the C library's resolver, which needs the host's shared objects of the very same
// version. These take its place: no name is known.
#include <netdb.h>

extern "C" {

int getaddrinfo(const char* /*node*/, const char* /*service*/, const addrinfo* /*hints*/,
                addrinfo** /*result*/) {
  return EAI_NONAME;
}

void freeaddrinfo(addrinfo* /*result*/) {}

const char* gai_strerror(int /*code*/) {
  return "names are not resolved";
}

protoent* getprotobyname(const char* /*name*/) {
  return nullptr;
}

protoent* getprotobynumber(int /*number*/) {
  return nullptr;
}
}
