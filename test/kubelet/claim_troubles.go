package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	v1 "k8s.io/api/core/v1"
)

func (w *claimWorld) isHealth(pod *v1.Pod, health string) func() error {
	return func() error {
		now := w.kubelet.health(pod)
		return expect(strings.HasPrefix(now, health), "%q", now)
	}
}

// health follows the port's carrier.
func (w *claimWorld) health(stays *v1.Pod) {
	link := filepath.Join(sysfs, "bus/pci/devices/0000:3b:00.0/net/eth0")
	carrier := func(state string) {
		write(link, map[string]string{"carrier": state})
		w.agent.configure(claimsConfig) // The agent looks again; a real link tells by netlink.
	}
	await("health: the kubelet has the lane's device for healthy", w.isHealth(stays, "Healthy"))
	carrier("0")
	await("health: without carrier for unhealthy", w.isHealth(stays, "Unhealthy"))
	await("health: and new claims are kept away", func() error {
		slice := w.slice()
		return expect(slice != nil && len(slice.Spec.Devices[0].Taints) == 1, "%v", slice)
	})
	carrier("1")
	await("health: with it for healthy again", w.isHealth(stays, "Healthy"))
}

func claimPath(name string) string {
	return fmt.Sprintf("/namespaces/%s/resourceclaims/%s", nameSpace, name)
}

// silentServer gives what is wrong with the answer for a claim of which the agent hears nothing. That takes half a minute.
func (w *claimWorld) silentServer() chan error {
	w.refuse(&refusal{path: claimPath("silent"), silent: true})
	pod, _ := w.podWithClaim("silent", "1G")
	answered, kubelet := make(chan error, 1), w.kubelet
	// The kubelet's own deadline would be an error of the call.
	go func() { answered <- fails(kubelet.prepare(pod), "failed for ResourceClaim silent: ") }()
	return answered
}

// The kubelet tries again after a minute or more, so what passes is waited out.
func (w *claimWorld) serverInTrouble() {
	pod, claim := w.podWithClaim("patient", "1G")
	ofClaim := w.refuse(&refusal{path: claimPath("patient"), times: 2})
	ofPod := w.refuse(&refusal{path: "/pods/patient", times: 1})
	check("E1: an API server that is overloaded for seconds is waited for in the same call", w.kubelet.prepare(pod))
	refused := w.left(ofClaim) == 0 && w.left(ofPod) == 0
	check("E1: and it was", expect(refused, "%d and %d refusals are left", w.left(ofClaim), w.left(ofPod)))
	check("E1: the claim has its lane", w.gets(pod, "main", cdiOf(claim), 1))
	check("E1: and is unprepared", w.kubelet.unprepare(pod))
}

func (w *claimWorld) lockedPort() {
	pod, claim := w.podWithClaim("behind", "1G")
	path := filepath.Join(work, claimsNode, "run/locks/0000:3b:00.0.lock")
	lock, err := os.OpenFile(path, os.O_RDWR, 0)
	must(err)
	must(syscall.Flock(int(lock.Fd()), syscall.LOCK_EX))
	time.AfterFunc(time.Second, func() { lock.Close() })
	check("locked port: one that is locked for a second is waited for in the same call", w.kubelet.prepare(pod))
	check("locked port: and the claim has its lane", w.gets(pod, "main", cdiOf(claim), 1))
	check("locked port: and is unprepared", w.kubelet.unprepare(pod))
}

// callUnderWay is at the API server when the agent is told to end: it is finished.
func (w *claimWorld) callUnderWay() {
	pod, _ := w.podWithClaim("underway", "1G")
	refused := w.refuse(&refusal{path: claimPath("underway"), times: 1})
	prepared := make(chan error, 1)
	go func() { prepared <- w.kubelet.prepare(pod) }()
	await("R10: a call is under way", func() error { return expect(w.left(refused) == 0, "it is not") })
	w.agent.end(syscall.SIGTERM)
	check("R10: it is finished before the agent ends", <-prepared)
}
