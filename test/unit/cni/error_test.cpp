#include "cni/protocol/error.h"

#include <gtest/gtest.h>

#include "cni/protocol/version.h"

namespace sluice::cni {
namespace {

TEST(Failure, TranslatesEveryCode) {
  const auto code = [](Code from) { return static_cast<int>(Failure(Error(from, "x")).code); };
  EXPECT_EQ(code(Code::invalid_argument), 7);
  EXPECT_EQ(code(Code::not_found), 100);
  EXPECT_EQ(code(Code::unsupported), 101);
  EXPECT_EQ(code(Code::exhausted), 101);
  EXPECT_EQ(code(Code::already_exists), 102);
  EXPECT_EQ(code(Code::busy), 11);
  EXPECT_EQ(code(Code::timed_out), 11);
  EXPECT_EQ(code(Code::permission_denied), 103);
  EXPECT_EQ(code(Code::data_loss), 104);
  EXPECT_EQ(code(Code::internal), 105);
}

TEST(Failure, IsPrintedAsTheSpecificationWants) {
  EXPECT_EQ(encode_failure({ErrorCode::try_again, "busy"}, "0.4.0"),
            R"({"cniVersion":"0.4.0","code":11,"msg":"busy"})");
  EXPECT_EQ(encode_failure({ErrorCode::invalid_config, "a", "b"}, "1.1.0"),
            R"({"cniVersion":"1.1.0","code":7,"msg":"a","details":"b"})");
}

TEST(Failure, IsPrintableWhateverTheInputHeld) {
  EXPECT_EQ(encode_failure({ErrorCode::invalid_config, "\xff"}, "1.1.0"),
            "{\"cniVersion\":\"1.1.0\",\"code\":7,\"msg\":\"\xef\xbf\xbd\"}");
}

TEST(Version, C01_ListsAllVersions) {
  EXPECT_EQ(
      encode_versions(),
      R"({"cniVersion":"1.1.0","supportedVersions":["0.3.0","0.3.1","0.4.0","1.0.0","1.1.0"]})");
}

}  // namespace
}  // namespace sluice::cni
