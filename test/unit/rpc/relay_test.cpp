#include "pkg/rpc/relay.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "pkg/base/unique_fd.h"
#include "pkg/fs/socket_address.h"
#include "test/support/temp_dir.h"

namespace sluice {
namespace {

struct Question {};
struct Answer {};

/// A server that has its socket, and listens when the test says.
class Beginner {
 public:
  explicit Beginner(const std::string& path) {
    const sockaddr_un address = socket_address(path).value();
    EXPECT_EQ(::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  }

  void listen() {
    EXPECT_EQ(::listen(fd_.get(), 1), 0);
    listens_ = true;
  }

  bool listens() const { return listens_; }

 private:
  UniqueFd fd_{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  bool listens_ = false;
};

Beginner* server = nullptr;  // A stub is made of a channel alone.

/// A call to a server that begins to listen just after it refused the connection.
class Stub {
 public:
  explicit Stub(const std::shared_ptr<grpc::Channel>& /*channel*/) {}

  grpc::Status ask(grpc::ClientContext* /*context*/, const Question& /*question*/,
                   Answer* /*answer*/) {
    if (server->listens()) return grpc::Status::OK;
    server->listen();
    return {grpc::StatusCode::UNAVAILABLE, "connection refused"};
  }
};

TEST(Relay, AServerThatBeginsToListenMeanwhileHasNotAnsweredYet) {
  const TempDir dir;
  Beginner beginner(dir / "second.sock");
  server = &beginner;
  Relay relay;
  int looks = 0;
  relay.hand_over([&]() -> std::optional<std::string> {
    if (++looks == 2 && !beginner.listens()) beginner.listen();
    return dir / "second.sock";
  });
  const grpc::ServerContext context;
  Answer answer;
  const grpc::Status status = relay.answer(context, &Stub::ask, Question(), answer,
                                           [] { return grpc::Status(grpc::INTERNAL, "ours"); });
  EXPECT_TRUE(status.ok()) << status.error_message();
}

}  // namespace
}  // namespace sluice
