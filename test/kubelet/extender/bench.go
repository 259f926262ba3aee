package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"k8s.io/kubernetes/pkg/scheduler/apis/config"
)

const (
	benchNodes = 1000
	benchPods  = 1000
	benchLimit = 60 * time.Second
)

// bench prints pods a second, with and without the extender side by side: the same pods on the same nodes, by a kube-scheduler with the
// same settings. Pods with lanes have two of 1 Gbit/s each, so that all find room. Processor time is that of kube-scheduler together
// with the API double, which is in the same process, and that of both replicas.
func bench(w scratch) {
	s := newSetting(w, "bench", func(a *api) {
		for i := range benchNodes {
			name := fmt.Sprintf("node-%04d", i)
			a.makeNode(name)
			a.makePorts(name, 100, 100)
		}
	})
	defer s.end()
	with := s.configFor(ownConfig, s.service)
	without, usual := with.DeepCopy(), with.DeepCopy()
	without.Extenders, usual.Extenders = nil, nil
	usual.Profiles[0].PercentageOfNodesToScore = nil
	const ask = `[{"min_tx_rate": 1000}, {"min_tx_rate": 1000}]`
	fmt.Printf("%d nodes, %d pods                        pods/s   ms of processor a pod: kube-scheduler, extender\n", benchNodes, benchPods)
	s.rate("no extender, 42 % of the nodes (usual)", usual, "")
	alone := s.rate("no extender, all nodes", without, "")
	plain := s.rate("extender, pods without lanes", with, "")
	lanes := s.rate("extender, pods with two lanes", with, ask)
	fmt.Printf("as a part of all nodes without extender: without lanes %.2f, with two lanes %.2f\n", plain/alone, lanes/alone)
}

func (s *setting) rate(name string, loaded *config.KubeSchedulerConfiguration, ask string) float64 {
	for range benchPods {
		s.makePod(pod{name: newName("bench"), scheduler: byOwn, asks: ask})
	}
	stop := startScheduler(s.api, loaded)
	began, ownBegan, theirsBegan := time.Now(), processorTime(), s.replicaTime()
	within(benchLimit, func() bool { return len(s.bound(true)) == benchPods })
	bound := float64(len(s.bound(true)))
	rate := bound / time.Since(began).Seconds()
	own, theirs := processorTime()-ownBegan, s.replicaTime()-theirsBegan
	stop()
	if bound < benchPods {
		name += fmt.Sprintf(" (%.0f in %v)", bound, benchLimit)
	}
	const perPod = float64(time.Millisecond)
	fmt.Printf("%-42s %6.0f   %6.1f %6.1f\n", name, rate, float64(own)/perPod/bound, float64(theirs)/perPod/bound)
	s.removePods()
	return rate
}

func processorTime() time.Duration {
	var usage syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// replicaTime is that of both, from proc(5): fields 14 and 15, in hundredths of a second.
func (s *setting) replicaTime() (sum time.Duration) {
	for _, each := range s.replicas {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", each.command.Process.Pid))
		must(err)
		fields := strings.Fields(string(text[strings.LastIndex(string(text), ")")+2:]))
		for _, field := range fields[11:13] {
			ticks, err := strconv.Atoi(field)
			must(err)
			sum += time.Duration(ticks) * 10 * time.Millisecond
		}
	}
	return sum
}
