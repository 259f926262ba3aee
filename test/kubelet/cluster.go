package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// An API server for the kubelet and, by a door of its own that can be shut, for the agent.
type cluster struct {
	kubernetes.Interface
	process    *exec.Cmd
	stdin      io.Closer
	door       *httptest.Server
	kubeconfig string
	mutex      sync.Mutex // Guards the refusals.
	refusals   []*refusal
}

// What comes of the agent's requests for a path: so many are refused, or none is answered.
type refusal struct {
	path   string
	times  int
	silent bool
}

func startCluster() *cluster {
	c := &cluster{process: exec.Command(fakeAPI)}
	c.process.Stderr = os.Stderr
	var err error
	c.stdin, err = c.process.StdinPipe()
	must(err)
	out, err := c.process.StdoutPipe()
	must(err)
	must(c.process.Start())
	address, err := bufio.NewReader(out).ReadString('\n')
	must(err)
	address = strings.TrimSpace(address)
	json := rest.ContentConfig{ContentType: "application/json"}
	c.Interface, err = kubernetes.NewForConfig(&rest.Config{Host: address, ContentConfig: json})
	must(err)
	c.openDoor(address)
	_, err = c.CoreV1().Nodes().Create(context.Background(), &v1.Node{ObjectMeta: metav1.ObjectMeta{Name: nodeName}}, metav1.CreateOptions{})
	must(err)
	return c
}

func (c *cluster) openDoor(address string) {
	target, err := url.Parse(address)
	must(err)
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.FlushInterval = -1 // Watches.
	proxy.ErrorLog = log.New(io.Discard, "", 0)
	c.door = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch refused := c.refusalOf(r.URL.Path); {
		case refused == nil:
			proxy.ServeHTTP(w, r)
		case refused.silent:
			<-r.Context().Done()
		default:
			w.Header().Set("Retry-After", "1")
			http.Error(w, "as the test wants it", http.StatusServiceUnavailable)
		}
	}))
	c.kubeconfig = filepath.Join(work, "kubeconfig")
	text := fmt.Sprintf("apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts:\n- name: c\n  context: {cluster: k, user: u}\n"+
		"clusters:\n- name: k\n  cluster: {server: '%s'}\nusers:\n- name: u\n  user: {}\n", c.door.URL)
	must(os.WriteFile(c.kubeconfig, []byte(text), 0o600))
}

func (c *cluster) refusalOf(path string) *refusal {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for _, each := range c.refusals {
		if !strings.HasSuffix(path, each.path) || (!each.silent && each.times == 0) {
			continue
		}
		each.times--
		return each
	}
	return nil
}

func (c *cluster) refuse(r *refusal) *refusal {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.refusals = append(c.refusals, r)
	return r
}

// left says how many requests are yet to be refused.
func (c *cluster) left(r *refusal) int {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return r.times
}

func (c *cluster) end() {
	c.door.CloseClientConnections()
	c.door.Close()
	c.stdin.Close()
	c.process.Wait()
}
