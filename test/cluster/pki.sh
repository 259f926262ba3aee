# shellcheck shell=bash
# The cluster's certificates and kubeconfigs: one authority signs all, and everything is thrown away with the cluster.

# make_pki DIR NODE: in DIR, and in DIR/node what the node gets.
make_pki() {
  local names=DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc
  names+=,IP:127.0.0.1,IP:10.0.0.1,IP:10.0.2.2
  mkdir -p "$1/node"
  cd "$1" || return 1
  new_key ca
  openssl req -x509 -new -key ca.key -subj /CN=cluster-lab -days 30 -out ca.crt
  certificate apiserver /CN=kube-apiserver serverAuth "$names"
  certificate apiserver-kubelet /O=system:masters/CN=kube-apiserver-kubelet clientAuth
  certificate admin /O=system:masters/CN=admin clientAuth
  certificate controllers /CN=system:kube-controller-manager clientAuth
  certificate scheduler /CN=system:kube-scheduler clientAuth
  certificate kubelet "/O=system:nodes/CN=system:node:$2" clientAuth
  new_key accounts
  openssl pkey -in accounts.key -pubout -out accounts.pub
  local user
  for user in admin controllers scheduler; do kubeconfig "$user" https://127.0.0.1:6443 >"$user.kubeconfig"; done
  kubeconfig kubelet https://10.0.2.2:6443 >node/kubeconfig
  cp ca.crt node/
}

new_key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key"; }

# certificate NAME SUBJECT USE [ALTERNATIVE_NAMES]
certificate() {
  new_key "$1"
  openssl req -new -key "$1.key" -subj "$2" -out "$1.csr"
  {
    echo "basicConstraints=CA:FALSE"
    echo "keyUsage=digitalSignature"
    echo "extendedKeyUsage=$3"
    [ $# -lt 4 ] || echo "subjectAltName=$4"
  } >"$1.extensions"
  openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -extfile "$1.extensions" -out "$1.crt"
}

# kubeconfig NAME SERVER: it carries its certificates, so that it is good wherever it lies.
kubeconfig() {
  cat <<CONFIG
apiVersion: v1
kind: Config
clusters: [{name: lab, cluster: {server: "$2", certificate-authority-data: $(base64 -w0 ca.crt)}}]
users: [{name: $1, user: {client-certificate-data: $(base64 -w0 "$1.crt"), client-key-data: $(base64 -w0 "$1.key")}}]
contexts: [{name: lab, context: {cluster: lab, user: $1}}]
current-context: lab
CONFIG
}
