# shellcheck shell=bash disable=SC2154  # bin and work are those of `run`.
# etcd, the API server, the controllers and the scheduler, on loopback. They end with the process namespace they are started in.

# start NAME COMMAND…: in the background, its output in logs/NAME.log, its process in NAME.pid.
start() {
  local name=$1
  shift
  "$@" >"$work/logs/$name.log" 2>&1 9>&- &
  echo $! >"$work/$name.pid"
}

start_control_plane() {
  local pki=$work/pki
  start etcd "$bin/etcd" --data-dir "$work/etcd" --unsafe-no-fsync --listen-peer-urls http://127.0.0.1:2380 \
    --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379
  # Without an advertised address it looks for a default route, and there is none.
  start apiserver "$bin/kube-apiserver" --etcd-servers=http://127.0.0.1:2379 \
    --bind-address=127.0.0.1 --secure-port=6443 --advertise-address=10.0.2.2 --service-cluster-ip-range=10.0.0.0/24 \
    --cert-dir="$pki" --tls-cert-file="$pki/apiserver.crt" --tls-private-key-file="$pki/apiserver.key" \
    --client-ca-file="$pki/ca.crt" \
    --kubelet-client-certificate="$pki/apiserver-kubelet.crt" --kubelet-client-key="$pki/apiserver-kubelet.key" \
    --service-account-issuer=https://kubernetes.default.svc \
    --service-account-key-file="$pki/accounts.pub" --service-account-signing-key-file="$pki/accounts.key" \
    --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction --allow-privileged=true
  wait_until 180 api_is_ready || give_up "the API server is not ready after 180 s"
  start controllers "$bin/kube-controller-manager" --leader-elect=false --use-service-account-credentials \
    --kubeconfig="$pki/controllers.kubeconfig" --authentication-kubeconfig="$pki/controllers.kubeconfig" \
    --authorization-kubeconfig="$pki/controllers.kubeconfig" \
    --service-account-private-key-file="$pki/accounts.key" --root-ca-file="$pki/ca.crt"
  if [ "$scheduler_file" ]; then cp "$scheduler_file" "$work/scheduler.yaml"; else scheduler_config >"$work/scheduler.yaml"; fi
  start scheduler "$bin/kube-scheduler" --config="$work/scheduler.yaml" \
    --authentication-kubeconfig="$pki/scheduler.kubeconfig" --authorization-kubeconfig="$pki/scheduler.kubeconfig"
}

# The answer must be "ok" and nothing else: while some check fails, its list of checks holds that word too. The controllers
# end at once when they start earlier.
api_is_ready() { [ "$(kubectl get --raw /readyz 2>/dev/null)" = ok ]; }

scheduler_config() {
  cat <<CONFIG
apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
clientConnection: {kubeconfig: $work/pki/scheduler.kubeconfig}
leaderElection: {leaderElect: false}
CONFIG
}
