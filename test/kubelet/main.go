// Runs the node agent against the kubelet's own device, DRA and plugin managers, which take this program a second to build
// up where a real node takes minutes. It is the check on test/fake/fake_kubelet.h. test/kubelet/run starts it.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"k8s.io/klog/v2"
)

const (
	gold   = domain + "/gold"
	silver = domain + "/silver"
	rdma   = domain + "/rdma"
	vfs    = 4
	tokens = 1000 // kTokens of plugin/tokens.h.

	onlyGold  = `{"ports": [{"select": {}, "vfs": "leave"}], "classes": [{"name": "gold", "max": 3}]}`
	andSilver = `{"ports": [{"select": {}, "vfs": "leave"}], "classes": [{"name": "gold", "max": 3}, {"name": "silver"}]}`

	forPods = `{"ports": [{"select": {}, "vfs": "leave", "shares": {"pods": {}}}]}`

	// Many times what an idle machine takes.
	limit = 60 * time.Second
)

var (
	sluiced, fakeAPI, work, results, release string
	sysfs                                    string
	failed                                   bool
	said                                     journal // The kubelet's log.
)

func main() {
	flag.StringVar(&sluiced, "sluiced", "", "the agent")
	flag.StringVar(&fakeAPI, "fake-api", "", "the API server: sluice-fake-api")
	flag.StringVar(&work, "work", "", "a folder for its files")
	flag.StringVar(&results, "results", "", "a folder for logs")
	flag.StringVar(&release, "release", "", "which Kubernetes this was built from")
	flag.Parse()
	logTo(filepath.Join(results, "kubelet-"+release+".log"))
	sysfs = filepath.Join(work, "sysfs")
	makeSysfs(sysfs, vfs)
	inRegistry()
	containerDevices()
	must(os.RemoveAll(registryDir))
	must(os.RemoveAll(devicePlugins))
	onKubeletSock()
	must(os.RemoveAll(kubeletDir))
	claims()
	if failed {
		os.Exit(1)
	}
}

func logTo(path string) {
	file, err := os.Create(path)
	must(err)
	said.file = file
	options := flag.NewFlagSet("klog", flag.PanicOnError)
	klog.InitFlags(options)
	for name, value := range map[string]string{"logtostderr": "false", "stderrthreshold": "FATAL", "v": "4"} {
		must(options.Set(name, value))
	}
	klog.SetOutput(&said)
}

// The kubelet finds the agent's sockets in plugins_registry.
func inRegistry() {
	k := startKubelet(true, nil)
	a := startAgent("registry", "first", onlyGold)
	await("registry: a class is registered", k.has(gold, 3))
	check("registry: a pod gets a device", k.admit("pod", gold))
	err := k.startContainer()
	check("registry: and no container without its lane",
		expect(err != nil && strings.Contains(err.Error(), "has no lane in this pod"), "%v", err))

	a.configure(andSilver)
	await("registry: a class that is added is registered", k.has(silver, 1))

	a.end(syscall.SIGTERM)
	await("registry: an agent that ends takes its devices back", k.has(gold, 0))
	check("registry: and its sockets", hasSockets(registryDir, 0)())
	a = startAgent("registry", "first", andSilver)
	await("registry: an agent that starts again is registered", k.has(gold, 3))

	a.end(syscall.SIGKILL)
	await("registry: a killed agent has no devices", k.has(gold, 0))
	a = startAgent("registry", "first", andSilver)
	await("registry: after a kill it is registered again", k.has(gold, 3))
	check("registry: and the killed instance's sockets are gone", hasSockets(registryDir, 2)())

	held := k.held("pod", gold)
	k.end()
	k = startKubelet(true, k.pods)
	await("registry: a kubelet that starts again has the devices", k.has(gold, 3))
	now := k.held("pod", gold)
	check("registry: and knows which one the pod holds", expect(held != "" && now == held, "%q, not %q", now, held))
	check("registry: and gives the next pod another", k.admit("next", gold))
	a = handOver("registry", k, a, andSilver)
	a.end(syscall.SIGTERM)
	k.end()
}

// Annotated pods have the port: their containers ask for a token.
func containerDevices() {
	k := startKubelet(true, nil)
	a := startAgent("tokens", "first", forPods)
	await("tokens: they are registered where annotated pods have a share", k.has(rdma, tokens))
	check("tokens: a pod gets one", k.admit("passing", rdma))
	last := k.held("passing", rdma)
	k.remove("passing")
	check("tokens: and the next pod", k.admit("pod", rdma))
	held := k.held("pod", rdma)
	check("tokens: another one", expect(held != "" && held != last, "%q after %q", held, last))
	err := k.startContainer()
	check("tokens: no container starts without lanes of its own pod, which is known by name and UID",
		expect(err != nil && strings.Contains(err.Error(), "pod 'default/pod' with UID 'pod' has no lanes by annotation"), "%v", err))

	k.end()
	k = startKubelet(true, k.pods)
	await("tokens: a kubelet that starts again has them", k.has(rdma, tokens))
	now := k.held("pod", rdma)
	check("tokens: and knows which one the pod holds", expect(now == held, "%q, not %q", now, held))
	a.end(syscall.SIGKILL)
	a = startAgent("tokens", "first", forPods)
	await("tokens: and so has one whose agent was killed", k.has(rdma, tokens))
	a.configure(onlyGold)
	await("tokens: they go with the share", k.has(rdma, 0))
	a.end(syscall.SIGTERM)
	k.end()
}

// There is no plugins_registry: the agent calls Register on kubelet.sock.
func onKubeletSock() {
	k := startKubelet(false, nil)
	a := startAgent("kubelet.sock", "first", onlyGold)
	await("kubelet.sock: a class is registered", k.has(gold, 3))
	check("kubelet.sock: a pod gets a device", k.admit("pod", gold))

	for round := range 3 {
		k.end()
		k = startKubelet(false, k.pods)
		await(fmt.Sprintf("kubelet.sock: registered with kubelet %d", round+2), k.has(gold, 3))
	}
	check("kubelet.sock: with one socket", hasSockets(devicePlugins, 1)())

	a.end(syscall.SIGKILL)
	await("kubelet.sock: a killed agent has no devices", k.has(gold, 0))
	a = startAgent("kubelet.sock", "first", onlyGold)
	await("kubelet.sock: after a kill it is registered again", k.has(gold, 3))
	check("kubelet.sock: and the killed instance's socket is gone", hasSockets(devicePlugins, 1)())
	a = handOver("kubelet.sock", k, a, onlyGold)
	registerTwice(k, a)
	k.end()
}

// handOver starts a second instance, to which the first one hands over, while pods come and go. It answers the second one.
func handOver(where string, k *kubelet, first *agent, config string) *agent {
	seen := watch(k)
	connected := said.count("Connected to new client", gold)
	bad := startAgent(where, "bad", config, "--http-address", "none")
	bad.command.Wait()
	await(where+": the first instance acts again when a second one can't start", func() error {
		return expect(said.count("Connected to new client", gold) > connected, "it does not")
	})
	await(where+": and has arrived", func() error { return hasStarted(where) })

	connected = said.count("Connected to new client", gold)
	second := startAgent(where, "second", config)
	await(where+": a second instance is registered beside the first", func() error {
		return expect(said.count("Connected to new client", gold) > connected, "it is not")
	})
	await(where+": and has arrived", func() error { return hasStarted(where) })
	first.end(syscall.SIGTERM)
	await(where+": when the first one has ended, all devices are there", k.has(gold, 3))
	fewest, admitted, err := seen()
	if instancesOverlap {
		check(where+": all devices stay meanwhile", expect(fewest == 3, "there were %d", fewest))
		check(where+": and each pod gets one", err)
		check(where+": of which there were some", expect(admitted > 10, "there were %d", admitted))
	}
	check(where+": and the second one allocates", k.admit("overlap", gold))
	return second
}

// watch has pods come and go until the function that it answers is called: with the fewest healthy devices that there were, the
// number of pods, and why the first one that was refused was.
func watch(k *kubelet) func() (int64, int, error) {
	fewest, admitted := int64(vfs), 0
	var failure error
	enough, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-enough:
				return
			default:
			}
			_, now := k.devices(gold)
			fewest = min(fewest, now)
			name := fmt.Sprintf("passing-%d", admitted)
			if err := k.admit(name, gold); err != nil && failure == nil {
				failure = err
			}
			k.remove(name)
			admitted++
			time.Sleep(time.Millisecond)
		}
	}()
	return func() (int64, int, error) {
		close(enough)
		<-ended
		return fewest, admitted, failure
	}
}

// registerTwice shows the rule for which each registration has a socket of its own.
func registerTwice(k *kubelet, a *agent) {
	err := register(gold, filepath.Base(sockets(devicePlugins)[0]))
	if instancesOverlap {
		check("the kubelet refuses a second Register on a socket that it listens to", expect(err != nil, "it does not"))
	} else {
		check("the kubelet takes a second Register on a socket that it listens to", err)
	}
	streams := said.count("ListAndWatch ended", gold)
	a.end(syscall.SIGTERM)
	await("its stream ends", func() error {
		return expect(said.count("ListAndWatch ended", gold) > streams, "it does not")
	})
	if instancesOverlap {
		check("and the refused one's devices stay for good", k.has(gold, 3)())
	} else {
		await("and the devices go with it", k.has(gold, 0))
	}
}

// await passes when `holds` comes true in time.
func await(name string, holds func() error) {
	err := holds()
	for deadline := time.Now().Add(limit); err != nil && time.Now().Before(deadline); err = holds() {
		time.Sleep(10 * time.Millisecond)
	}
	check(name, err)
}

func check(name string, err error) {
	if err == nil {
		fmt.Printf("ok - %s\n", name)
		return
	}
	failed = true
	fmt.Printf("not ok - %s # %v\n", name, err)
}

func expect(holds bool, format string, values ...any) error {
	if holds {
		return nil
	}
	return fmt.Errorf(format, values...)
}

func must(err error) {
	if err != nil {
		fmt.Printf("not ok - all # %v\n", err)
		os.Exit(1)
	}
}
