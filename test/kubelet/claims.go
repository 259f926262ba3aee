package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	v1 "k8s.io/api/core/v1"
	resourceapi "k8s.io/api/resource/v1"
	dra "k8s.io/kubelet/pkg/apis/dra/v1"
	drav1beta1 "k8s.io/kubelet/pkg/apis/dra/v1beta1"
)

const (
	claimsNode   = "claims"
	claimsConfig = `{"ports": [{"select": {}, "vfs": "leave", "shares": {"claims": {"bandwidth": "40%"}}}], "classes": []}`
)

// A kubelet and an agent that serves claims, with one API server.
type claimWorld struct {
	*cluster
	kubelet *claimKubelet
	agent   *agent
}

// The kubelet's DRA manager finds the agent in plugins_registry.
func claims() {
	w := &claimWorld{cluster: startCluster()}
	w.kubelet = startClaimKubelet(w.cluster, registryDir, kubeletDir, nil)
	w.agent = w.startAgent("first")
	await("R1: the driver is registered, with v1", registered(dra.DRAPluginService, 1))
	await("R1: and its slice is published", func() error { return expect(w.slice() != nil, "there is none") })

	stays, claim := w.podWithClaim("stays", "10G")
	check("P1: a claim of one lane is prepared", w.kubelet.prepare(stays))
	check("P1: the container gets the CDI device of its lane", w.gets(stays, "main", cdiOf(claim), 1))
	shares := w.kubelet.shares(stays)
	check("P10: and the kubelet knows its share", expect(slices.Equal(shares, []string{"stays-share-0"}), "%v", shares))
	w.severalLanes()
	w.sharedClaims()
	w.refusedClaim()
	w.extendedResource()
	w.sameName()
	w.manyAtOnce()
	w.kubeletRestarts(stays, claim)
	w.agentRestarts(stays, claim)
	w.instancesOverlap(stays, claim)
	silent := w.silentServer()
	w.olderVersion(stays, claim)
	w.health(stays)
	w.serverInTrouble()
	w.lockedPort()
	check("E1: a claim that the API server says nothing of has an error of its own in time", <-silent)

	w.callUnderWay()
	check("R10: an agent that ends leaves no socket", noSockets())
	w.kubelet.end()
	w.end()
}

func (w *claimWorld) startAgent(instance string) *agent {
	return startAgent(claimsNode, instance, claimsConfig, "--kubeconfig", w.kubeconfig, "--node-name", nodeName)
}

func noSockets() error {
	for _, directory := range []string{registryDir, filepath.Join(kubeletDir, "plugins", domain)} {
		found, err := filepath.Glob(directory + "/*.sock")
		must(err)
		if len(found) > 0 {
			return fmt.Errorf("there is %s", strings.Join(found, " "))
		}
	}
	return nil
}

// gets says whether the container gets these CDI devices, and so many.
func (w *claimWorld) gets(pod *v1.Pod, container string, ids []string, count int) error {
	now := w.kubelet.cdi(pod, container)
	return expect(slices.Equal(now, ids) && len(ids) == count, "%v, not %v", now, ids)
}

// isGone says whether nothing is left of the claim.
func isGone(claim *resourceapi.ResourceClaim) error {
	ids, vfs := cdiOf(claim), granted(claim)
	return expect(len(ids) == 0 && len(vfs) == 0, "CDI devices %v, VFs %v", ids, vfs)
}

// fails says whether the error has the text.
func fails(err error, text string) error {
	return expect(err != nil && strings.Contains(err.Error(), text), "%v", err)
}

func (w *claimWorld) severalLanes() {
	pod := w.pod("several", "two", "one")
	two, one := w.claim("two", []*v1.Pod{pod}, "5G", "6G"), w.claim("one", []*v1.Pod{pod}, "7G")
	check("P3: two claims of a pod are prepared, one of two lanes", w.kubelet.prepare(pod))
	both := append(cdiOf(two), cdiOf(one)...)
	slices.Sort(both)
	check("P3: the container of both has the CDI devices of all lanes", w.gets(pod, "main", both, 3))
	second := slices.DeleteFunc(cdiOf(two), func(id string) bool { return !strings.Contains(id, "-vf1-") })
	check("N9: a container that names a request has its lane alone", w.gets(pod, "other", second, 1))
	check("N9: and one without claims nothing", w.gets(pod, "none", nil, 0))
	vfs := append(granted(two), granted(one)...)
	slices.Sort(vfs)
	check("P2: each lane has a VF", expect(len(slices.Compact(vfs)) == 3, "they have %v", vfs))

	w.removeClaim("two")
	check("U1: claims are unprepared, one of them gone from the API", w.kubelet.unprepare(pod))
	check("U1: nothing is left of it", isGone(two))
	check("U1: nor of the other", isGone(one))
	check("U2: and again", w.kubelet.unprepare(pod))
}

// A lane is in one pod. The kubelet asks for a claim that is prepared no more, whatever pods come.
func (w *claimWorld) sharedClaims() {
	first, second := w.pod("first", "shared"), w.pod("second", "shared")
	claim := w.claim("shared", []*v1.Pod{first, second}, "1G")
	check("a claim of two pods is refused", fails(w.kubelet.prepare(first), "is reserved for 2 pods; its lanes are for one"))
	check("and nothing is left of it", isGone(claim))

	w.reserve(claim, first)
	check("it is prepared for one of them", w.kubelet.prepare(first))
	vfs := granted(claim)
	w.reserve(claim, first, second)
	prepared := said.count("Calling NodePrepareResources", "")
	check("the kubelet takes it for prepared when the second comes", w.kubelet.prepare(second))
	check("and does not ask the agent", expect(said.count("Calling NodePrepareResources", "") == prepared, "it does"))
	check("the first can go without the second", w.kubelet.unprepare(first))
	now := granted(claim)
	check("and the claim keeps its VF", expect(len(vfs) == 1 && slices.Equal(now, vfs), "it has %v, not %v", now, vfs))
	check("which goes with the last", w.kubelet.unprepare(second))
	check("and then nothing is left", isGone(claim))
}

func (w *claimWorld) refusedClaim() {
	pod, claim := w.podWithClaim("large", "20G", "11G")
	check("J1: more than the share has left is refused with both numbers",
		fails(w.kubelet.prepare(pod), "10 Gbit/s of 40 Gbit/s free, 11 Gbit/s asked"))
	check("E15: and nothing is left of its other lane", isGone(claim))
	check("U4: it can be unprepared all the same", w.kubelet.unprepare(pod))
}

// keeps checks that the pod is prepared once more with what it has.
func (w *claimWorld) keeps(name string, pod *v1.Pod, claim *resourceapi.ResourceClaim) {
	vfs := granted(claim)
	await(name, func() error { return w.kubelet.prepare(pod) })
	check(name+": with the CDI device of its lane", w.gets(pod, "main", cdiOf(claim), 1))
	now := granted(claim)
	check(name+": and its VF", expect(len(vfs) == 1 && slices.Equal(now, vfs), "it has %v, not %v", now, vfs))
}

func (w *claimWorld) kubeletRestarts(stays *v1.Pod, claim *resourceapi.ResourceClaim) {
	ends, endsClaim := w.podWithClaim("ends", "1G")
	check("R5: a pod is prepared before the kubelet starts again", w.kubelet.prepare(ends))
	slice := w.slice().UID
	times := said.count("Registered DRA plugin", dra.DRAPluginService)
	w.kubelet.end()
	w.kubelet = startClaimKubelet(w.cluster, registryDir, kubeletDir, w.kubelet.running())
	await("R5: a kubelet that starts again has the driver", registered(dra.DRAPluginService, times+1))
	await("R5: and the slice, which it has wiped, is there again", func() error {
		now := w.slice()
		return expect(now != nil && now.UID != slice, "%v", now)
	})
	check("R5: by its checkpoint the container has its CDI device", w.gets(stays, "main", cdiOf(claim), 1))
	w.keeps("P4: a pod that runs is prepared again", stays, claim)
	w.removeClaim("ends")
	check("U1: a pod that was there before ends", w.kubelet.unprepare(ends))
	check("U1: and nothing is left of its claim", isGone(endsClaim))
}

func (w *claimWorld) agentRestarts(stays *v1.Pod, claim *resourceapi.ResourceClaim) {
	ends, endsClaim := w.podWithClaim("goes", "1G")
	check("K1: a pod is prepared before the agent is killed", w.kubelet.prepare(ends))
	times := said.count("Registered DRA plugin", dra.DRAPluginService)
	w.agent.end(syscall.SIGKILL)
	comes, comesClaim := w.podWithClaim("comes", "1G")
	check("K1: without an agent no pod is prepared", fails(w.kubelet.prepare(comes), "NodePrepareResources"))
	check("K3: nor unprepared", fails(w.kubelet.unprepare(ends), "NodeUnprepareResources"))
	w.agent = w.startAgent("first")
	await("K1: an agent that starts again is registered", registered(dra.DRAPluginService, times+1))
	w.keeps("K2: a pod that runs has what it had", stays, claim)
	await("K1: the pod that waited is prepared", func() error { return w.kubelet.prepare(comes) })
	check("K1: and gets its CDI device", w.gets(comes, "main", cdiOf(comesClaim), 1))
	await("K3: the pod that ended meanwhile is unprepared", func() error { return w.kubelet.unprepare(ends) })
	check("K3: and nothing is left of its claim", isGone(endsClaim))
	check("K3: the pod that waited ends", w.kubelet.unprepare(comes))
}

// A second instance is registered before the first one ends, as in a rolling update.
func (w *claimWorld) instancesOverlap(stays *v1.Pod, claim *resourceapi.ResourceClaim) {
	slice := w.slice().UID
	times := said.count("Registered DRA plugin", dra.DRAPluginService)
	second := w.startAgent("second")
	await("rolling update: a second instance is registered beside the first", registered(dra.DRAPluginService, times+1))
	ended := make(chan struct{})
	go func() { w.agent.end(syscall.SIGTERM); close(ended) }()
	var failure error
	for round, over := 0, false; !over || round < 3; round++ {
		select {
		case <-ended:
			over = true
		default:
		}
		pod, made := w.podWithClaim(fmt.Sprintf("rolling-%d", round), "1G", "2G")
		for _, err := range []error{w.kubelet.prepare(pod), w.gets(pod, "main", cdiOf(made), 2), w.kubelet.unprepare(pod), isGone(made)} {
			if err != nil && failure == nil {
				failure = fmt.Errorf("round %d: %w", round, err)
			}
		}
	}
	w.agent = second
	check("rolling update: pods come and go while the first one ends", failure)
	now := w.slice()
	check("rolling update: the slice stays", expect(now != nil && now.UID == slice, "%v", now))
	await("rolling update: the second one is left alone", func() error {
		found, err := filepath.Glob(filepath.Join(registryDir, domain+"*.sock"))
		must(err)
		return expect(len(found) == 1, "there is %v", found)
	})
	w.keepsPrepared("rolling update", stays, claim)
}

// keepsPrepared checks what the kubelet knows, which it does not ask for again.
func (w *claimWorld) keepsPrepared(name string, pod *v1.Pod, claim *resourceapi.ResourceClaim) {
	check(name+": a pod that runs is prepared still", w.kubelet.prepare(pod))
	check(name+": with the CDI device of its lane", w.gets(pod, "main", cdiOf(claim), 1))
}

// A kubelet that is told of older services alone.
func (w *claimWorld) olderVersion(stays *v1.Pod, claim *resourceapi.ResourceClaim) {
	registry := filepath.Join(work, "registry-v1beta1")
	olderServices := []string{drav1beta1.DRAPluginService, "v1alpha1.DRAResourceHealth"}
	stop := (&relay{endpoint: endpoint(), services: olderServices}).serve(registry)
	defer stop()
	newer := w.kubelet
	defer func() { w.kubelet = newer }()
	w.kubelet = startClaimKubelet(w.cluster, registry, filepath.Join(work, "kubelet-v1beta1"), nil)
	await("R2: the driver is registered, with v1beta1", registered(drav1beta1.DRAPluginService, 1))
	w.keeps("R2: by v1beta1 a claim has what it has by v1", stays, claim)
	await("R2: its health is known, by v1alpha1", w.isHealth(stays, "Healthy"))
	pod, own := w.podWithClaim("older", "1G", "2G")
	check("R2: a claim is prepared by v1beta1", w.kubelet.prepare(pod))
	check("R2: and its container gets its CDI devices", w.gets(pod, "main", cdiOf(own), 2))
	shares := w.kubelet.shares(pod)
	check("R2: without shares, which v1beta1 has not", expect(len(shares) == 0, "%v", shares))
	check("R2: and it is unprepared", w.kubelet.unprepare(pod))
	check("R2: and nothing is left of it", isGone(own))
	w.kubelet.end()
}
