package main

import (
	"fmt"
	"math/rand/v2"
	"strings"

	resourceapi "k8s.io/api/resource/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// A node and what happens on it, in full: the same case is the same play.
type testCase struct {
	Ports  []port `json:"ports"`
	Steps  []step `json:"steps"`
	Ending int    `json:"ending,omitempty"` // In which order the claims that are left are released.
}

// A claim comes, or one of those there goes.
type step struct {
	Claim   *resourceapi.ResourceClaimSpec `json:"claim,omitempty"`
	Release int                            `json:"release,omitempty"` // Counted round those that live.
}

// A port as sluice-claim-node reads it.
type port struct {
	Address string            `json:"address"`
	Driver  string            `json:"driver"`
	Device  string            `json:"device"`
	Type    int               `json:"type"` // ARPHRD_ETHER, or 32 for InfiniBand.
	Vfs     int               `json:"vfs"`
	Speed   int               `json:"speed"` // Mbit/s
	Shares  map[string]*share `json:"shares"`
	Offered []int64           `json:"offered"` // Floors of VFs that a class has, within its share.
}

type share struct {
	Vfs       int    `json:"vfs,omitempty"`
	Bandwidth string `json:"bandwidth,omitempty"`
}

// A machine of all ways to keep floors, of which a node has some of the ports. Drivers differ in step, least and most of their rates
// (pkg/bandwidth/capability.cpp).
var machine = []struct {
	driver, device string
	kind, vfs      int
	speeds         []int
}{
	{"mlx5_core", "0x101d", 1, 4, []int{10_000, 25_000, 100_000, 200_000}},
	{"mlx5_core", "0x101d", 1, 16, []int{100_000, 400_000}},
	{"mlx5_core", "0x101d", 1, 2, []int{100_000}},
	{"ice", "0x159b", 1, 8, []int{25_000, 100_000, 200_000}}, // At most 100 Gbit/s.
	{"bnxt_en", "0x1750", 1, 4, []int{10_000, 100_000}},
	{"nfp", "0x6000", 1, 3, []int{40_000, 100_000}},          // At most 65 534 Mbit/s.
	{"qlcnic", "0x8020", 1, 4, []int{1_000, 10_000}},         // Steps of 100 Mbit/s, at most 9 900.
	{"be2net", "0x0720", 1, 6, []int{1_000, 10_000, 40_000}}, // Emulated, steps of 400 Mbit/s.
	{"igb", "0x10c9", 1, 7, []int{100, 1_000}},               // Emulated
	{"ixgbe", "0x10fb", 1, 8, []int{1_000, 10_000}},          // Emulated, from 11 Mbit/s, at 10 Gbit/s alone.
	{"i40e", "0x1572", 1, 5, []int{10_000, 40_000}},          // Emulated
	{"cxgb4", "0x5410", 1, 4, []int{10_000, 40_000}},
	{"igb", "0x1521", 1, 7, []int{1_000}},          // No rates.
	{"mana", "0x00ba", 1, 3, []int{100_000}},       // No rates.
	{"mlx5_core", "0x101d", 32, 4, []int{100_000}}, // InfiniBand: no rates.
}

// selectorOf is the CEL expression for ports of the driver.
func selectorOf(driver string) string {
	return fmt.Sprintf(`device.attributes["sluice.dev"].driver == %q`, driver)
}

// makeCase makes small cases first.
func makeCase(seed uint64, number int) testCase {
	r := rand.New(rand.NewPCG(seed, uint64(number)))
	size := min(1+number/20, 100) // In percent of the largest.
	c := testCase{Ending: r.IntN(6)}
	for _, i := range r.Perm(len(machine))[:1+r.IntN(1+3*size/100)] {
		c.Ports = append(c.Ports, makePort(r, i))
	}
	for range 2 + r.IntN(2+12*size/100) {
		if len(c.Steps) > 0 && r.IntN(3) == 0 {
			c.Steps = append(c.Steps, step{Release: r.IntN(6)})
		} else {
			c.Steps = append(c.Steps, step{Claim: makeClaim(r, c.Ports)})
		}
	}
	return c
}

func makePort(r *rand.Rand, i int) port {
	of := machine[i]
	p := port{Address: fmt.Sprintf("0000:%02x:00.0", 0x10+i), Driver: of.driver, Device: of.device, Type: of.kind, Vfs: of.vfs,
		Speed: of.speeds[r.IntN(len(of.speeds))], Offered: []int64{}}
	claims := &share{}
	p.Shares = map[string]*share{"claims": claims}
	if r.IntN(2) == 0 {
		return p
	}
	claims.Vfs = 1 + r.IntN(of.vfs)
	whole, part := int64(p.Speed)*1_000_000, int64(0)
	switch r.IntN(3) {
	case 0:
		percent := 1 + r.IntN(100)
		claims.Bandwidth, part = fmt.Sprintf("%d%%", percent), whole/100*int64(percent)
	case 1:
		// The configuration wants whole bits, and some.
		for claims.Bandwidth = "0"; claims.Bandwidth == "0" || strings.HasSuffix(claims.Bandwidth, "m"); {
			claims.Bandwidth = amount(r, whole)
		}
		quantity := resource.MustParse(claims.Bandwidth)
		part = quantity.Value()
	default:
		return p
	}
	p.Shares["classes"] = &share{}
	p.offer(r, whole-part, of.vfs-claims.Vfs)
	return p
}

// offer gives VFs that are not the claims' to a class, with floors for which the rest of the port is enough whatever the driver's step
// is: what is promised there must not be felt here.
func (p *port) offer(r *rand.Rand, rest int64, vfs int) {
	const largestStep = 400_000_000
	for ; vfs > 0 && rest >= largestStep && r.IntN(3) > 0; vfs-- {
		floor := r.Int64N(rest/largestStep+1) * largestStep
		p.Offered = append(p.Offered, floor)
		rest -= max(floor, largestStep)
	}
}
