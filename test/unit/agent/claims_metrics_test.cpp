// What Prometheus and the probes see of claims.
#include "proto/pluginregistration_v1.grpc.pb.h"
#include "test/unit/agent/claims_world.h"

namespace sluice {
namespace {

using testing::HasSubstr;

class ClaimsMetrics : public ClaimsWorld {
 protected:
  std::string unready() const {
    for (const HttpRoute& route : probes_->routes()) {
      if (route.path != "/readyz") continue;
      const HttpReply reply = route.handle({});
      return reply.status == 200 ? "" : reply.body;
    }
    return "no route";
  }

  // What the kubelet says to the driver's registration.
  void accept() {
    const auto said = eventually([&] {
      step();
      std::error_code gone;
      for (const auto& each :
           std::filesystem::directory_iterator(dir_ / "kubelet/plugins_registry", gone)) {
        if (each.is_socket()) return notify(each.path());
      }
      return false;
    });
    EXPECT_TRUE(said);
  }

  static bool notify(const std::string& socket) {
    pluginregistration::Registration::Stub stub(unix_channel(socket));
    pluginregistration::RegistrationStatus status;
    status.set_plugin_registered(true);
    return call(stub, &pluginregistration::Registration::Stub::NotifyRegistrationStatus, status,
                std::chrono::seconds(5), "notify")
        .has_value();
  }
};

TEST_F(ClaimsMetrics, M4_CallsAreCountedByWhatCameOfThem) {
  put_claim("15G");
  ASSERT_EQ(prepare().error(), "");
  ref_ = put_claim_named("late", 1, "30G");
  ASSERT_NE(prepare().error(), "");
  step();
  const std::string now = metrics_.text();
  EXPECT_THAT(now, HasSubstr(R"(sluice_claim_calls_total{call="prepare",result="done"} 1)"));
  EXPECT_THAT(now, HasSubstr(R"(sluice_claim_calls_total{call="prepare",result="exhausted"} 1)"));
  EXPECT_THAT(now, HasSubstr(R"(sluice_claim_calls_total{call="unprepare",result="busy"} 0)"));
  EXPECT_THAT(now, HasSubstr(R"(sluice_claim_seconds_count{call="prepare"} 2)"));
  EXPECT_THAT(now, HasSubstr("sluice_claims_prepared 1\n"));
  EXPECT_THAT(now, HasSubstr(R"(sluice_claim_vfs{port="0000:3b:00.0"} 2)"));
}

TEST_F(ClaimsMetrics, WhatWasUnpreparedIsNotShown) {
  put_claim();
  ASSERT_EQ(prepare().error(), "");
  ASSERT_EQ(unprepare(), "");
  step();
  EXPECT_THAT(metrics_.text(), HasSubstr("sluice_claims_prepared 0\n"));
  EXPECT_THAT(metrics_.text(), HasSubstr(R"(sluice_claim_vfs{port="0000:3b:00.0"} 0)"));
}

TEST_F(ClaimsMetrics, S3_SlicesAreWrittenOnceAndNotAgainByAnAgentThatStartsAgain) {
  const auto is_published = [&] {
    step();
    return metrics_.text().find("sluice_slice_writes_total 1\n") != std::string::npos;
  };
  ASSERT_TRUE(eventually(is_published)) << metrics_.text();
  start();
  accept();
  ASSERT_TRUE(eventually([&] {
    step();
    return unready().empty();
  })) << unready();
  EXPECT_THAT(metrics_.text(), HasSubstr("sluice_slice_writes_total 1\n"));
}

TEST_F(ClaimsMetrics, S16_SlicesThatAreForbiddenAreNotReadyAndClaimsAreServed) {
  for (int i = 0; i < 100; ++i) {
    api_.fail_next({.status = 403, .reason = "Forbidden", .path = "resourceslices"});
  }
  put_claim();
  accept();
  ASSERT_TRUE(eventually([&] {
    step();
    return unready().find("may not list ResourceSlices: ") != std::string::npos;
  })) << unready();
  EXPECT_THAT(metrics_.text(), HasSubstr("sluice_slice_failures_total{verb=\"list\"}"));
  EXPECT_THAT(said_.str(), HasSubstr("ResourceSlices are refused"));
  EXPECT_EQ(prepare().error(), "");
}

TEST_F(ClaimsMetrics, ANodeWithoutClaimsIsReadyWithoutThem) {
  dir_.write("config.json", R"({"ports": [{"select": {}, "vfs": 4}], "classes": []})");
  ASSERT_THAT(config_.load(), IsOk());
  step();
  EXPECT_EQ(unready(), "");
}

}  // namespace
}  // namespace sluice
