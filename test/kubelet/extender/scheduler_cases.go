package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	// Many times what an idle machine takes.
	scheduleLimit = 60 * time.Second
	raceLimit     = 180 * time.Second

	byOwn = "sluice" // The scheduler that asks the extender for all of its pods.
)

// By which the cluster's own scheduler knows the extender's pods.
var marked = object{"sluice.dev/annotated": "1"}

func checkSchedulers(w scratch) {
	checkStory(w)
	checkRace(w)
	checkAbsence(w)
}

// checkStory takes single pods through a kube-scheduler of each configuration.
func checkStory(w scratch) {
	s := newSetting(w, "story", makeFourNodes)
	defer s.end()
	stopOwn := startScheduler(s.api, s.configFor(ownConfig, s.service))
	defer stopOwn()
	stopShared := startScheduler(s.api, s.configFor(sharedConfig, s.service))
	defer stopShared()
	ways := []struct {
		name, scheduler string
		limits          object
	}{{"a scheduler of its own", byOwn, nil}, {"the cluster's scheduler", "", marked}}
	for _, way := range ways {
		check("by "+way.name+" the papers' pod gets a node and its placement", s.wrongPapersPod(way.scheduler, way.limits))
		check("by "+way.name+" a pod for which no node has room waits, and is told each limit", s.wrongWait(way.scheduler, way.limits))
		check("by "+way.name+" one of higher priority waits, too, and evicts none", s.wrongPriority(way.scheduler, way.limits))
		check("by "+way.name+" it is bound when a pod that held the room goes", s.wrongRoom(way.scheduler, way.limits))
		s.removePods()
	}
	check("the cluster's scheduler asks it for the papers' pod with device files, too",
		s.wrongPapersPod("", object{"sluice.dev/rdma": "1"}))
	check("a pod without lanes is bound by the cluster's scheduler", s.wrongPlain("plain"))
}

func (s *setting) isBound(name string) func() bool {
	return func() bool { return s.nodeOf(name) != "" }
}

func (s *setting) wrongPapersPod(scheduler string, limits object) string {
	name := newName("papers")
	s.makePod(pod{name: name, scheduler: scheduler, asks: papersAsk, limits: limits})
	if !within(scheduleLimit, s.isBound(name)) {
		return "not bound: " + s.whyNot(name)
	}
	lanes, err := s.lanesOf(s.api.pod(name))
	return unless(err == nil && len(lanes) == 3 && lanes[0].floor == 15e9 && lanes[1].floor == 5e9 && lanes[2].floor == 0, "%v, %v", lanes, err)
}

// Nodes have room for two of these, one-200 for both lanes on its port and two-100 for one on each.
func (s *setting) wrongWait(scheduler string, limits object) string {
	s.removePods()
	for range 2 {
		name := newName("large")
		s.makePod(pod{name: name, scheduler: scheduler, asks: twoOf100, limits: limits})
		if !within(scheduleLimit, s.isBound(name)) {
			return "not bound: " + s.whyNot(name)
		}
	}
	late := newName("waiting")
	s.makePod(pod{name: late, scheduler: scheduler, asks: twoOf100, limits: limits})
	told := within(scheduleLimit, func() bool { return strings.Contains(s.whyNot(late), "ens1f1") })
	return unless(told && s.nodeOf(late) == "", "on %q: %s", s.nodeOf(late), s.whyNot(late))
}

// wrongPriority goes on from there. kube-scheduler finds no pod whose eviction would help, for the extender is not asked about that.
func (s *setting) wrongPriority(scheduler string, limits object) string {
	name := newName("urgent")
	s.makePod(pod{name: name, scheduler: scheduler, asks: twoOf100, limits: limits, priority: 1000})
	defer s.remove(pods, namespace+"/"+name)
	told := within(scheduleLimit, func() bool { return strings.Contains(s.whyNot(name), "preemption") })
	return unless(told && s.nodeOf(name) == "" && len(s.bound(true)) == 2, "%d bound: %s", len(s.bound(true)), s.whyNot(name))
}

// wrongRoom goes on from there.
func (s *setting) wrongRoom(string, object) string {
	waiting := textOf(s.bound(false)[0], "metadata", "name")
	must(s.remove(pods, namespace+"/"+textOf(s.bound(true)[0], "metadata", "name")))
	return unless(within(scheduleLimit, s.isBound(waiting)), "%s", s.whyNot(waiting))
}

func (s *setting) wrongPlain(what string) string {
	name := newName(what)
	s.makePod(pod{name: name})
	return unless(within(scheduleLimit, s.isBound(name)), "not bound: %s", s.whyNot(name))
}

type lane struct {
	port  string
	floor int64 // bit/s
}

func (s *setting) lanesOf(pod object) ([]lane, error) {
	var told struct {
		Version int
		Lanes   []struct{ Port, Floor string }
	}
	if err := json.Unmarshal([]byte(textOf(pod, "metadata", "annotations", placement)), &told); err != nil {
		return nil, err
	}
	var lanes []lane
	for _, each := range told.Lanes {
		floor := int64(0)
		if each.Floor != "" {
			gigabits, err := strconv.ParseInt(strings.TrimSuffix(each.Floor, "G"), 10, 64)
			if err != nil {
				return nil, err
			}
			floor = gigabits * 1e9
		}
		lanes = append(lanes, lane{each.Port, floor})
	}
	return lanes, nil
}

// Five nodes with two ports of 100 Gbit/s, and pods that want 40 each: four to a node.
const (
	raceNodes, racers, fitting = 5, 200, 20
	racersAsk                  = `[{"min_tx_rate": 40000}]`
)

func makeRaceNodes(a *api) {
	for i := range raceNodes {
		name := fmt.Sprintf("node-%d", i)
		a.makeNode(name)
		a.makePorts(name, 100, 100)
	}
}

// checkRace has two kube-schedulers bind pods for the last bandwidth at the same time, and the replica that leads die meanwhile.
func checkRace(w scratch) {
	s := newSetting(w, "race", makeRaceNodes)
	defer s.end()
	for i := range racers {
		each := pod{name: newName("racer"), asks: racersAsk, limits: marked}
		if i%2 == 0 {
			each.scheduler, each.limits = byOwn, nil
		}
		s.makePod(each)
	}
	stopOwn := startScheduler(s.api, s.configFor(ownConfig, s.service))
	defer stopOwn()
	stopShared := startScheduler(s.api, s.configFor(sharedConfig, s.service))
	defer stopShared()
	within(raceLimit, func() bool { return len(s.bound(true)) >= fitting/4 })
	leader := s.service.leads()
	leader.kill()
	defer s.start(leader)
	check("J3: of 200 pods that race by two schedulers, while the leader is killed, exactly those that fit are bound",
		s.wrongRace(fitting))
	// None may be stuck: as often as all that are bound go, as many others take their place.
	for round := range 3 {
		for _, each := range s.bound(true) {
			must(s.remove(pods, namespace+"/"+textOf(each, "metadata", "name")))
		}
		check(fmt.Sprintf("J3: when these go, as many others are bound (%d)", round+1), s.wrongRace(fitting))
	}
}

// wrongRace waits for so many bound pods, then for every other one to have been refused again.
func (s *setting) wrongRace(want int) string {
	if !within(raceLimit, func() bool { return len(s.bound(true)) >= want }) {
		return fmt.Sprintf("%d bound; another one: %s", len(s.bound(true)), s.whyNot(textOf(s.bound(false)[0], "metadata", "name")))
	}
	probe := newName("probe")
	s.makePod(pod{name: probe, scheduler: byOwn, asks: racersAsk})
	defer s.remove(pods, namespace+"/"+probe)
	if !within(scheduleLimit, func() bool { return s.whyNot(probe) != "" }) {
		return "a pod more was not refused"
	}
	if bound := len(s.bound(true)); bound != want {
		return fmt.Sprintf("%d bound, %d fit", bound, want)
	}
	return s.overcommitted(100e9)
}

// overcommitted adds up by node and port what the placements of bound pods promise.
func (s *setting) overcommitted(usable int64) string {
	promised := map[string]int64{}
	for _, each := range s.bound(true) {
		lanes, err := s.lanesOf(each)
		if err != nil {
			return fmt.Sprintf("%s: %v", textOf(each, "metadata", "name"), err)
		}
		for _, lane := range lanes {
			port := textOf(each, "spec", "nodeName") + " " + lane.port
			promised[port] += lane.floor
			if promised[port] > usable {
				return fmt.Sprintf("%s: %d bit/s promised", port, promised[port])
			}
		}
	}
	return ""
}

// checkAbsence shows what each kind of pod does while no replica answers, and that all goes on when one is back.
func checkAbsence(w scratch) {
	s := newSetting(w, "absence", makeFourNodes)
	defer s.end()
	stopOwn := startScheduler(s.api, s.configFor(ownConfig, s.service))
	defer stopOwn()
	stopShared := startScheduler(s.api, s.configFor(sharedConfig, s.service))
	defer stopShared()
	for _, each := range s.replicas {
		each.kill()
	}
	own, shared := newName("own"), newName("shared")
	s.makePod(pod{name: own, scheduler: byOwn, asks: papersAsk})
	s.makePod(pod{name: shared, asks: papersAsk, limits: marked})
	waits := within(scheduleLimit, func() bool { return s.whyNot(own) != "" && s.whyNot(shared) != "" })
	check("without the extender a pod with lanes waits, by either scheduler, and says for whom",
		unless(waits && strings.Contains(s.whyNot(own), s.service.address), "%q, %q", s.whyNot(own), s.whyNot(shared)))
	for i := range 20 {
		s.makePod(pod{name: fmt.Sprintf("without-%d", i)})
	}
	goOn := within(scheduleLimit, func() bool { return len(s.bound(true)) == 20 })
	check("pods without lanes are bound meanwhile", unless(goOn, "%d of 20 bound", len(s.bound(true))))
	check("and those with lanes are not", unless(s.nodeOf(own)+s.nodeOf(shared) == "", "on %q, %q", s.nodeOf(own), s.nodeOf(shared)))
	for _, each := range s.replicas {
		s.start(each)
	}
	back := within(leadLimit, func() bool { return s.nodeOf(own) != "" && s.nodeOf(shared) != "" })
	check("with the extender back they are bound, too", unless(back, "%s; %s", s.whyNot(own), s.whyNot(shared)))
}
