#include "dra/service/serving.h"

#include <utility>

#include "pkg/kubelet/sockets.h"

namespace sluice::dra {

Serving::Serving(ClaimCalls& calls, const HealthBook& book)
    : v1_(plugin_service_v1(calls)),
      v1beta1_(plugin_service_v1beta1(calls)),
      health_v1_(health_service_v1()),
      health_v1alpha1_(health_service_v1alpha1()) {
  publish(book);
}

Result<std::unique_ptr<Serving>> Serving::start(const MeetingPlace& place, ClaimCalls& calls,
                                                const HealthBook& book, Told told) {
  std::unique_ptr<Serving> serving(new Serving(calls, book));
  serving->server_ = TRY(
      UnixServer::start(place.directory + "/" + new_socket_name(kSocketName), serving->services()));
  // Names of services, not of gRPC packages; the kubelet takes the first that it knows.
  serving->introduction_ = std::make_unique<RegistrationService>(
      RegistrationService::Info{.type = "DRAPlugin",
                                .name = place.driver,
                                .endpoint = serving->server_->path(),
                                .versions = {"v1.DRAPlugin", "v1beta1.DRAPlugin",
                                             "v1.DRAResourceHealth", "v1alpha1.DRAResourceHealth"}},
      [self = serving.get(), told = std::move(told)](const std::string& refusal) {
        self->is_accepted_ = refusal.empty();
        told(refusal);
      });
  // In capitals, which no class has: the sockets of classes lie there, too.
  serving->registration_ =
      TRY(UnixServer::start(place.registry + "/" + new_socket_name(place.driver + "/DRA"),
                            {serving->introduction_.get()}));
  return serving;
}

Serving::~Serving() {
  stop(std::chrono::milliseconds(0));
}

void Serving::stop(std::chrono::milliseconds timeout) {
  health_v1_->finish();
  health_v1alpha1_->finish();
  if (server_ != nullptr) server_->stop(timeout);
  // Last: a kubelet that misses this socket closes the connection that its calls are under way on.
  if (registration_ != nullptr) registration_->stop();
}

void Serving::publish(const HealthBook& book) {
  health_v1_->publish(book);
  health_v1alpha1_->publish(book);
}

bool Serving::is_reachable() const {
  return server_->is_reachable() && registration_->is_reachable();
}

std::vector<grpc::Service*> Serving::services() const {
  return {v1_.get(), v1beta1_.get(), &health_v1_->service(), &health_v1alpha1_->service()};
}

}  // namespace sluice::dra
