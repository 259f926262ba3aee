// Judges what Sluice gives to an API server by the API server's own code, without one: its validation of the manifests in deploy/
// and of the ResourceSlices and NodeLanes in test/golden, and its evaluation of the admission policies. test/kubelet/apiserver/run starts it.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
)

var (
	repo   string
	failed bool
)

func main() {
	flag.StringVar(&repo, "repo", "", "the checkout")
	flag.Parse()
	validateManifests()
	judgeLaneConfigs()
	judgeSlices()
	judgeSchedulerManifests()
	judgeByAnnotation()
	judgeNodeLanes()
	judgePlacements()
	if failed {
		os.Exit(1)
	}
}

// check passes where nothing is wrong.
func check(name, wrong string) {
	if wrong == "" {
		fmt.Println("ok -", name)
		return
	}
	failed = true
	fmt.Printf("not ok - %s\n#   %s\n", name, strings.ReplaceAll(wrong, "\n", "\n#   "))
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
