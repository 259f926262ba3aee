package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"

	resourceapi "k8s.io/api/resource/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// The kind of a disagreement: the name of its test.
type kind string

const (
	slicesKind  kind = "S2: slices of random nodes are valid for the API server"
	prepareKind kind = "P10: what the scheduler's allocator allocates is prepared, with the floors it consumed"
	refuseKind  kind = "J1: what the scheduler's allocator refuses the ledger has no room for"
	booksKind   kind = "K9: allocator and ledger have the same left after each claim and each release"
)

type disagreement struct {
	kind kind
	text string
}

func (d *disagreement) Error() string { return d.text }

func disagree(k kind, format string, values ...any) error {
	return &disagreement{k, fmt.Sprintf(format, values...)}
}

// disagreementOf takes any other error for the end of the test.
func disagreementOf(err error) *disagreement {
	var d *disagreement
	if errors.As(err, &d) {
		return d
	}
	must(err)
	return nil
}

// A case while it is played.
type game struct {
	node      *node
	scheduler *scheduler
	seen      *seen
	live      []*resourceapi.ResourceClaim
	books     map[string]left // The ledger's, as last told.
	number    int             // Of the next claim.
}

func play(c testCase, n *node, s *seen) error {
	told, err := n.become(c.Ports)
	if err != nil {
		return err
	}
	for i := range told.Slices {
		if err := invalid(&told.Slices[i]); err != nil {
			return disagree(slicesKind, "%v", err)
		}
	}
	for _, each := range c.Ports {
		if len(each.Offered) > 0 {
			s.besideClasses++
		}
	}
	g := &game{node: n, scheduler: newScheduler(told.Slices), seen: s, books: told.Books}
	if err := g.compare("at the start"); err != nil {
		return err
	}
	for i, step := range c.Steps {
		if step.Claim != nil {
			err = g.claim(step.Claim)
		} else {
			err = g.release(step.Release)
		}
		if err != nil {
			return fmt.Errorf("step %d: %w", i+1, err)
		}
	}
	for len(g.live) > 0 {
		if err := g.release(c.Ending); err != nil {
			return fmt.Errorf("at the end: %w", err)
		}
	}
	return nil
}

func tell(format string, values ...any) {
	if tellsSteps {
		fmt.Fprintf(os.Stdout, format+"\n", values...)
	}
}

func (g *game) claim(spec *resourceapi.ResourceClaimSpec) error {
	g.number++
	name := fmt.Sprintf("c%d", g.number)
	claim := &resourceapi.ResourceClaim{
		TypeMeta:   metav1.TypeMeta{APIVersion: "resource.k8s.io/v1", Kind: "ResourceClaim"},
		ObjectMeta: metav1.ObjectMeta{Namespace: "ml", Name: name, UID: types.UID("uid-" + name)},
		Spec:       *spec,
		Status: resourceapi.ResourceClaimStatus{ReservedFor: []resourceapi.ResourceClaimConsumerReference{
			{Resource: "pods", Name: "p" + name, UID: types.UID("pod-" + name)}}},
	}
	allocation, err := g.scheduler.allocate(claim)
	if err != nil {
		return err
	}
	if allocation == nil {
		return g.refused(claim)
	}
	g.scheduler.add(allocation)
	claim.Status.Allocation = allocation
	g.seen.allocated(spec, allocation)
	told, err := g.node.prepare(claim)
	if err != nil {
		return disagree(prepareKind, "%s: %v", textOf(allocation), err)
	}
	tell("%s allocated and prepared: %s", name, textOf(allocation))
	for i, result := range allocation.Devices.Results {
		consumed, has := result.ConsumedCapacity[bandwidth]
		if has && consumed.Value() != told.Floors[i] {
			return disagree(prepareKind, "%s: a floor of %d", textOf(allocation), told.Floors[i])
		}
	}
	g.live, g.books = append(g.live, claim), told.Books
	if err := g.compare(name + " is prepared"); err != nil || g.number%4 != 0 {
		return err
	}
	// As after a kubelet's restart.
	again, err := g.node.prepare(claim)
	if err != nil || !slices.Equal(again.Floors, told.Floors) || !maps.Equal(again.Books, told.Books) {
		return disagree(prepareKind, "%s: another answer when it is asked for again: %v", textOf(allocation), err)
	}
	return nil
}

// release takes one of the claims that live; none is fine.
func (g *game) release(which int) error {
	if len(g.live) == 0 {
		return nil
	}
	which %= len(g.live)
	claim := g.live[which]
	g.live = append(g.live[:which:which], g.live[which+1:]...)
	g.scheduler.remove(claim.Status.Allocation)
	told, err := g.node.unprepare(claim)
	if err != nil {
		return disagree(booksKind, "release of %s: %v", claim.Name, err)
	}
	g.books = told.Books
	g.seen.releases++
	return g.compare(claim.Name + " is released")
}

func (g *game) compare(when string) error {
	tell("left when %s: %v", when, g.books)
	devices := g.scheduler.devices()
	for i := range devices {
		name := devices[i].Name
		ours, theirs := g.books[name], g.scheduler.left(&devices[i])
		if _, keepsFloors := devices[i].Capacity[bandwidth]; !keepsFloors {
			ours.Bandwidth = 0
		}
		if ours != theirs {
			return disagree(booksKind, "when %s, %s has left by the ledger %+v, by the allocator %+v", when, name, ours, theirs)
		}
	}
	return nil
}

// refused looks for a way in which the claim could be allocated: none may fit what the ledger has left. The one that lacks least
// is asked of the ledger itself.
func (g *game) refused(claim *resourceapi.ResourceClaim) error {
	g.seen.refusals++
	best := bestWay(&claim.Spec, g.scheduler.devices(), g.books)
	if best == nil {
		g.seen.impossible++
		return nil
	}
	if best.lacksVfs > 0 && best.lacksBandwidth == 0 {
		g.seen.outOfVfs++
	}
	claim.Status.Allocation = best.allocation()
	tell("%s refused; what lacks least: %s, %d bit/s and %d VFs", claim.Name, textOf(claim.Status.Allocation), best.lacksBandwidth,
		best.lacksVfs)
	if _, err := g.node.prepare(claim); err != nil {
		return nil
	}
	if _, err := g.node.unprepare(claim); err != nil {
		return err
	}
	return disagree(refuseKind, "the ledger grants %s", textOf(claim.Status.Allocation))
}

func textOf(allocation *resourceapi.AllocationResult) string {
	text := ""
	for _, result := range allocation.Devices.Results {
		amount := "no bandwidth"
		if consumed, has := result.ConsumedCapacity[bandwidth]; has {
			amount = fmt.Sprintf("%d bit/s", consumed.Value())
		}
		text += fmt.Sprintf("[%s: %s of %s]", result.Request, amount, result.Device)
	}
	return text
}
