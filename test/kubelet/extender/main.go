// Runs kube-scheduler's own extender client, and then whole kube-schedulers, against two replicas of sluice-scheduler, by the
// configurations of deploy/scheduler: what each says must be what the other understands. The API server is a double (api.go).
// test/kubelet/extender/run starts it.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"

	"k8s.io/klog/v2"
)

var (
	repo    string
	program string
	failed  bool
)

func main() {
	flag.StringVar(&repo, "repo", "", "the checkout")
	flag.StringVar(&program, "scheduler", "", "the program sluice-scheduler")
	work := flag.String("work", "", "a folder for certificates and logs")
	measures := flag.Bool("bench", false, "measure in place of testing")
	flag.Parse()
	w := scratch(*work)
	must(os.MkdirAll(*work, 0o755))
	keepLog(w)
	if *measures {
		bench(w)
		return
	}
	checkConfigs()
	checkClient(w)
	checkSchedulers(w)
	if failed {
		os.Exit(1)
	}
}

// keepLog has kube-scheduler write to a file.
func keepLog(w scratch) {
	log, err := os.Create(w.file("kube-scheduler.log"))
	must(err)
	flags := flag.NewFlagSet("klog", flag.PanicOnError)
	klog.InitFlags(flags)
	must(flags.Parse([]string{"-logtostderr=false", "-alsologtostderr=false", "-stderrthreshold=FATAL", "-v=2"}))
	klog.SetOutput(log)
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

// unless has the text where the condition does not hold.
func unless(holds bool, format string, values ...any) string {
	if holds {
		return ""
	}
	return fmt.Sprintf(format, values...)
}

func convert(from, to any) {
	text, err := json.Marshal(from)
	must(err)
	must(json.Unmarshal(text, to))
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
