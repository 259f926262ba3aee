package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// A sluice-scheduler.
type replica struct {
	name    string
	address string
	options []string
	command *exec.Cmd
	ended   chan struct{}
}

// Where certificates, configurations and logs are.
type scratch string

func (w scratch) file(name string) string { return filepath.Join(string(w), name) }

// prepare makes certificates as an administrator would, and the replicas' way to the API server.
func (w scratch) prepare(a *api) {
	must(os.MkdirAll(string(w), 0o755))
	output, err := exec.Command(filepath.Join(repo, "deploy/scheduler/certificates"), string(w)).CombinedOutput()
	if err != nil {
		panic(string(output))
	}
	config := fmt.Sprintf("apiVersion: v1\nkind: Config\nclusters: [{name: c, cluster: {server: %q}}]\nusers: [{name: u, user: {}}]\n"+
		"contexts: [{name: c, context: {cluster: c, user: u}}]\ncurrent-context: c\n", a.url)
	must(os.WriteFile(w.file("kubeconfig"), []byte(config), 0o644))
}

func (w scratch) newReplica(name string) *replica {
	port := freePort()
	return &replica{name: name, address: fmt.Sprintf("127.0.0.1:%d", port), options: []string{
		"--kubeconfig=" + w.file("kubeconfig"), "--address=127.0.0.1", "--port=" + strconv.Itoa(port),
		"--tls-cert=" + w.file("server.crt"), "--tls-key=" + w.file("server.key"), "--client-ca=" + w.file("ca.crt"),
		"--lease-namespace=sluice-system", "--lease-name=sluice-scheduler", "--service=sluice-scheduler"}}
}

func freePort() int {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

func (w scratch) start(r *replica) {
	log, err := os.OpenFile(w.file(r.name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	must(err)
	r.command = exec.Command(program, r.options...)
	r.command.Stdout, r.command.Stderr = log, log
	must(r.command.Start())
	r.ended = make(chan struct{})
	go func() {
		r.command.Wait()
		close(r.ended)
		log.Close()
	}()
}

// kill ends it without a word, as a node that fails does.
func (r *replica) kill() {
	r.command.Process.Kill()
	<-r.ended
}

// The Service: forwards each connection to where its EndpointSlice says that the leader is.
type service struct {
	*api
	address  string
	replicas []*replica
}

func startService(a *api, replicas ...*replica) *service {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	s := &service{a, listener.Addr().String(), replicas}
	go func() {
		for {
			connection, err := listener.Accept()
			must(err)
			go s.forward(connection)
		}
	}()
	return s
}

// leads is nil where no replica has said that it leads.
func (s *service) leads() *replica {
	slice, err := s.get(endpointSlices, "sluice-system/sluice-scheduler")
	if err != nil {
		return nil
	}
	var said struct{ Ports []struct{ Port int } }
	convert(slice, &said)
	for _, each := range s.replicas {
		if strings.HasSuffix(each.address, fmt.Sprintf(":%d", said.Ports[0].Port)) {
			return each
		}
	}
	return nil
}

// forward refuses where nothing leads, as a Service without endpoints does.
func (s *service) forward(from net.Conn) {
	defer from.Close()
	leader := s.leads()
	if leader == nil {
		return
	}
	to, err := net.Dial("tcp", leader.address)
	if err != nil {
		return
	}
	defer to.Close()
	go func() {
		io.Copy(to, from)
		to.(*net.TCPConn).CloseWrite()
	}()
	io.Copy(from, to)
}
