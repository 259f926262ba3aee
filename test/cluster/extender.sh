# shellcheck shell=bash disable=SC2154  # overlay is that of kube.sh.
# Two replicas of sluice-scheduler beside the control plane, their Service, and kube-schedulers that ask it: ". extender.sh" after
# lanes.sh. They have the rights and certificates of deploy/scheduler, and kube-scheduler the configurations.

extender=$WORK/extender
manifests=$overlay/../../../deploy
programs=${BIN:-$overlay/../../../build/dev/bin}
# An EndpointSlice takes no address of loopback, so each has one of its own (RFC 5737), and no port of the Service, which is on all.
addresses=([1]=192.0.2.1 [2]=192.0.2.2)
all_for_pods='{"ports": [{"select": {"driver": "igb"}, "vfs": 7, "shares": {"pods": {"vfs": 7, "bandwidth": "100%"}}}]}'

# deploy_for_pods: agents whose ports are all for annotated pods, and what they publish.
deploy_for_pods() {
  kubectl apply -f "$manifests/namespace.yaml" && kubectl apply -k "$manifests/inventory" && deploy_agent && configure <<<"$all_for_pods"
}
# let_pods_out: pods on the cluster's own network reach the API server by the node's address.
let_pods_out() { on_node iptables -t nat -A POSTROUTING -s 10.88.0.0/16 '!' -d 10.88.0.0/16 -j MASQUERADE; }
# pods_share NODE: "BANDWIDTH/VFS" of each port.
pods_share() { kubectl get nodelanes "$1" -o json | jq -r '[.status.ports[].shares.pods | "\(.bandwidth)/\(.vfs)"] | join(" ")'; }
is_inventoried() { [ "$(pods_share "$NODE")" = "1G/7 1G/7" ]; }
shows_inventory() { wait_until 240 is_inventoried || { pods_share "$NODE" && agent_logs && return 1; }; }

# install_extender: rights, Service, certificates, and an account for the replicas, which are no pods here.
install_extender() {
  mkdir -p "$extender"
  "$manifests/scheduler/certificates" "$extender" || return 1
  local file
  for file in rbac service placement-policy; do kubectl -n sluice-system apply -f "$manifests/scheduler/$file.yaml" || return 1; done
  kubectl config view --raw --minify --flatten -o json |
    jq --arg token "$(kubectl -n sluice-system create token sluice-scheduler --duration=12h)" '.users[0].user = {token: $token}' \
      >"$extender/kubeconfig"
  for file in "${addresses[@]}"; do ip address replace "$file/32" dev lo || return 1; done
}

# start_replica NUMBER
start_replica() {
  local address=${addresses[$1]}
  "$programs/sluice-scheduler" --kubeconfig "$extender/kubeconfig" --address "$address" --port 8889 \
    --tls-cert "$extender/server.crt" --tls-key "$extender/server.key" --client-ca "$extender/ca.crt" \
    --lease-namespace sluice-system --lease-name sluice-scheduler --service sluice-scheduler \
    >>"$WORK/logs/sluice-scheduler-$1.log" 2>&1 </dev/null &
  echo $! >"$WORK/replica-$1.pid"
}
# end_process NAME: at once, and waits until it is gone.
end_process() {
  local pid
  pid=$(cat "$WORK/$1.pid" 2>/dev/null) || return 0
  kill -KILL "$pid" 2>/dev/null || true
  wait_until 10 has_gone "$pid"
  rm -f "$WORK/$1.pid"
}
# A process that its parent has not heard of yet is a zombie.
has_gone() { [ ! -e "/proc/$1/stat" ] || grep -q '^State:.Z' "/proc/$1/status"; }

# follow_leader: where the Service leads, for leader_relay.
follow_leader() {
  while :; do
    kubectl -n sluice-system get endpointslice sluice-scheduler -o 'jsonpath={.endpoints[0].addresses[0]}' >"$extender/leader.new" 2>/dev/null
    mv "$extender/leader.new" "$extender/leader"
    sleep 0.3
  done
}
# start_service: on 127.0.0.1:8888.
start_service() {
  : >"$extender/leader"
  follow_leader >/dev/null 2>&1 </dev/null &
  echo $! >"$WORK/follow.pid"
  busybox nc -ll -p 8888 -e "$(dirname "${BASH_SOURCE[0]}")/leader_relay" >/dev/null 2>&1 </dev/null &
  echo $! >"$WORK/relay.pid"
}
leader() { cat "$extender/leader"; }
# leading_replica: its number.
leading_replica() { if [ "$(leader)" = "${addresses[1]}" ]; then echo 1; else echo 2; fi; }
answers() {
  [ "$(curl -s -o /dev/null -w '%{http_code}' --max-time 5 --cacert "$extender/ca.crt" --cert "$extender/client.crt" \
    --key "$extender/client.key" https://127.0.0.1:8888/readyz)" = 200 ]
}
# start_extender: both replicas, until one answers by the Service.
start_extender() {
  start_replica 1 && start_replica 2
  [ -e "$WORK/relay.pid" ] || start_service
  wait_until 120 answers || { tail -n 5 "$WORK"/logs/sluice-scheduler-*.log && return 1; }
}

# lab_config WAY: the configuration of deploy/scheduler/WAY with the lab's address and files; says where it is.
lab_config() {
  local file=$extender/$1.yaml
  {
    lab_places <"$manifests/scheduler/$1/kube-scheduler-config.yaml"
    echo "clientConnection: {kubeconfig: $WORK/pki/scheduler.kubeconfig}"
  } >"$file"
  echo "$file"
}
lab_places() {
  sed -e "s|https://[^/]*/scheduler|https://127.0.0.1:8888/scheduler|" -e "s|/etc/sluice-scheduler/tls\.|$extender/client.|" \
    -e "s|/etc/sluice-scheduler/|$extender/|" -e "s|/etc/kubernetes/sluice/|$extender/|" -e '/^clientConnection:/d' \
    -e 's|^leaderElection:.*|leaderElection: {leaderElect: false}|'
}
# run_scheduler NAME FILE PORT: a kube-scheduler with that configuration; its log is NAME.log.
run_scheduler() {
  # In a session of its own: it may outlive the test.
  setsid kube-scheduler --config="$2" --secure-port="$3" --authentication-kubeconfig="$WORK/pki/scheduler.kubeconfig" \
    --authorization-kubeconfig="$WORK/pki/scheduler.kubeconfig" >>"$WORK/logs/$1.log" 2>&1 </dev/null &
  echo $! >"$WORK/$1.pid"
  wait_until 60 scheduler_is_ready "$3" || { tail -n 5 "$WORK/logs/$1.log" && return 1; }
}
scheduler_is_ready() { [ "$(curl -sk --max-time 5 "https://127.0.0.1:$1/readyz")" = ok ]; }
# replace_scheduler FILE: the cluster's own, from now on with that configuration.
replace_scheduler() { end_process scheduler && run_scheduler scheduler "$1" 10259; }

# end_extender: all that was started here.
end_extender() {
  local name
  for name in follow relay replica-1 replica-2 second-scheduler node-b; do end_process "$name"; done
  kubectl delete mutatingadmissionpolicy,mutatingadmissionpolicybinding sluice-by-annotation --ignore-not-found --timeout=60s
  kubectl -n sluice-system delete endpointslice,lease sluice-scheduler --ignore-not-found --timeout=60s
  kubectl -n sluice-system delete -f "$manifests/scheduler/placement-policy.yaml" -f "$manifests/scheduler/service.yaml" \
    -f "$manifests/scheduler/rbac.yaml" --ignore-not-found --timeout=60s
}

# annotated_pod NAME ANNOTATION [NODE]: its manifest; where a node is named, for that one.
annotated_pod() {
  local spec
  spec=$(pod_spec "$1")
  [ -z "${3:-}" ] || spec="{nodeSelector: {kubernetes.io/hostname: $3}, ${spec#\{}"
  printf -- '---\napiVersion: v1\nkind: Pod\nmetadata: {name: %s, annotations: {rdma_interfaces_required: %s}}\nspec: %s\n' "$1" \
    "'$2'" "$spec"
}
make_annotated_pod() { annotated_pod "$@" | kubectl create -f -; }
# policy_is_in_force PATTERN: the API server takes seconds to heed a new one; what becomes of an annotated pod has the pattern then.
policy_is_in_force() { annotated_pod trial '[{}]' | kubectl create --dry-run=server -o json -f - | grep -q "$1"; }
# placement_of POD: "PORT FLOOR CEILING" a lane, as its binding said.
placement_of() {
  kubectl get pod "$1" -o json |
    jq -r '.metadata.annotations["sluice.dev/placement"] // "{}" | fromjson | .lanes // [] | .[] | "\(.port) \(.floor // "-") \(.ceiling // "-")"'
}
# lanes_on_record POD: "PORT FLOOR CEILING" of each of its lanes in the ledger of the node, in Mbit/s.
lanes_on_record() {
  kubectl -n sluice-system exec daemonset/sluiced -c sluiced -- sluicectl lanes -o json | jq -r --arg pod "default/$1" '
    def mbit: if . == null or . == 0 then "-" else "\(. / 1000000)" end;
    .ports[] | .port as $port | .lanes[] | select(.pod == $pod) | "\($port) \(.asked.floor | mbit) \(.asked.ceiling | mbit)"'
}
node_of() { kubectl get pod "$1" -o 'jsonpath={.spec.nodeName}'; }
why_waiting() { kubectl get pod "$1" -o 'jsonpath={.status.conditions[?(@.type=="PodScheduled")].message}'; }
waits_for() { why_waiting "$1" | grep -qF -- "$2"; }
