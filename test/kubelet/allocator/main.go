// Plays kube-scheduler's own allocator against a node's slices, claims and ledger, for thousands of random nodes: what the one
// grants the other must prepare, what it refuses the other must have no room for, and both must have the same left after each
// step. sluice-claim-node (test/tools) is the node. test/kubelet/run starts it.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

var (
	claimNode  = flag.String("claim-node", "", "the node: sluice-claim-node")
	cases      = flag.Int("cases", 10_000, "how many")
	seed       = flag.Uint64("seed", 1, "of all cases")
	onlyCase   = flag.Int("case", -1, "play this one alone, and tell its steps")
	workers    = flag.Int("workers", 2, "how many nodes at once")
	tellsSteps = false
)

const (
	mostToShow = 3
	tellEach   = 5 * time.Second
)

func main() {
	flag.Parse()
	if *onlyCase >= 0 {
		tellsSteps = true
		n := startNode()
		if err := play(makeCase(*seed, *onlyCase), n, &seen{}); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		return
	}
	all, found := playAll()
	report(all, found)
	if len(found) > 0 {
		os.Exit(1)
	}
}

// A case in which allocator and node disagree.
type finding struct {
	number int
	played testCase
	why    *disagreement
}

// playAll ends early once enough was found.
func playAll() (*seen, []finding) {
	var (
		next  atomic.Int64
		mutex sync.Mutex // Guards those below.
		all   = &seen{}
		found []finding
		group sync.WaitGroup
	)
	done := make(chan struct{})
	go tellProgress(&next, done)
	for range *workers {
		group.Go(func() {
			n, own := startNode(), &seen{}
			for {
				number := int(next.Add(1)) - 1
				mutex.Lock()
				enough := len(found) >= mostToShow
				mutex.Unlock()
				if number >= *cases || enough {
					break
				}
				c := makeCase(*seed, number)
				why := disagreementOf(play(c, n, own))
				if why == nil {
					continue
				}
				c, why = shrink(c, n, why)
				mutex.Lock()
				found = append(found, finding{number, c, why})
				mutex.Unlock()
			}
			mutex.Lock()
			all.add(own)
			mutex.Unlock()
			n.end()
		})
	}
	group.Wait()
	close(done)
	return all, found
}

func tellProgress(next *atomic.Int64, done chan struct{}) {
	for {
		select {
		case <-done:
			return
		case <-time.After(tellEach):
			fmt.Fprintf(os.Stderr, "kubelet: allocator: %d of %d cases\n", min(int(next.Load()), *cases), *cases)
		}
	}
}

// report prints a test for each kind of disagreement, and one for each kind of case that must have come up.
func report(all *seen, found []finding) {
	for _, k := range []kind{slicesKind, prepareKind, refuseKind, booksKind} {
		why := ""
		for _, f := range found {
			if f.why.kind == k && why == "" {
				text, _ := json.Marshal(f.played)
				why = fmt.Sprintf("%s; seed %d, case %d, as small as it gets: %s", f.why.text, *seed, f.number, text)
			}
		}
		check(string(k), why)
	}
	if len(found) > 0 {
		return // The cases that follow were not played.
	}
	for _, each := range all.counts() {
		why := ""
		if *each.count == 0 {
			why = "none of the cases had it"
		}
		check(fmt.Sprintf("allocator: cases have %s (%d)", each.what, *each.count), why)
	}
}

func check(name, why string) {
	if why == "" {
		fmt.Printf("ok - %s\n", name)
	} else {
		fmt.Printf("not ok - %s # %s\n", name, why)
	}
}

func must(err error) {
	if err != nil {
		fmt.Printf("not ok - allocator # %v\n", err)
		os.Exit(1)
	}
}
