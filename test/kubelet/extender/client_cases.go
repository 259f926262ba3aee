package main

import (
	"crypto/tls"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	extender "k8s.io/kube-scheduler/extender/v1"
	fwk "k8s.io/kube-scheduler/framework"
	"k8s.io/kubernetes/pkg/scheduler"
	"k8s.io/kubernetes/pkg/scheduler/apis/config"
	"k8s.io/kubernetes/pkg/scheduler/framework"
)

const (
	ownConfig    = "second/kube-scheduler-config.yaml"
	sharedConfig = "default/kube-scheduler-config.yaml"

	papersAsk = `[{"min_tx_rate": 15000, "max_tx_rate": 20000}, {"min_tx_rate": 5000}, {}]`
	twoOf100  = `[{"min_tx_rate": 100000}, {"min_tx_rate": 100000}]`
)

func checkConfigs() {
	for _, name := range []string{ownConfig, sharedConfig} {
		wrong := ""
		if _, err := loadConfig(name); err != nil {
			wrong = err.Error()
		}
		check("kube-scheduler takes "+name, wrong)
	}
}

// client is kube-scheduler's, with a verb of the filter's own where one is given.
func (s *setting) client(filter string, namesOnly bool) fwk.Extender {
	extender := s.configFor(ownConfig, s.service).Extenders[0]
	extender.NodeCacheCapable = namesOnly
	if filter != "" {
		extender.FilterVerb = filter
	}
	return newClient(extender)
}

func newClient(of config.Extender) fwk.Extender {
	made, err := scheduler.NewHTTPExtender(&of)
	must(err)
	return made
}

func nodeInfos(names ...string) []fwk.NodeInfo {
	var infos []fwk.NodeInfo
	for _, name := range names {
		info := framework.NewNodeInfo()
		info.SetNode(&v1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}})
		infos = append(infos, info)
	}
	return infos
}

func namesOf(infos []fwk.NodeInfo) []string {
	var names []string
	for _, each := range infos {
		names = append(names, each.Node().Name)
	}
	slices.Sort(names)
	return names
}

var fourNodes = []string{"one-200", "plain", "two-100", "two-short"}

func makeFourNodes(a *api) {
	for _, name := range fourNodes {
		a.makeNode(name)
	}
	a.makePorts("one-200", 200)
	a.makePorts("two-100", 100, 100)
	a.makePorts("two-short", 100, 90)
}

// passed says which nodes pass, and of the others what is said.
func (s *setting) passed(client fwk.Extender, ask string) (passed []string, refused, hopeless extender.FailedNodesMap, err error) {
	name := newName("asking")
	s.makePod(pod{name: name, asks: ask})
	infos, refused, hopeless, err := client.Filter(lanePod(s.api, name), nodeInfos(fourNodes...))
	return namesOf(infos), refused, hopeless, err
}

// passesExactly is empty where those nodes pass, and each of the others has a reason.
func (s *setting) passesExactly(client fwk.Extender, ask string, want ...string) string {
	passed, refused, hopeless, err := s.passed(client, ask)
	if err != nil {
		return err.Error()
	}
	reasons := slices.Collect(maps.Keys(refused))
	for name := range hopeless {
		reasons = append(reasons, name)
	}
	for _, name := range fourNodes {
		if slices.Contains(want, name) == slices.Contains(reasons, name) {
			return fmt.Sprintf("%s: passed %v, refused %v, for good %v", name, passed, refused, hopeless)
		}
	}
	return unless(slices.Equal(passed, want), "passed: %v, want %v", passed, want)
}

func checkClient(w scratch) {
	s := newSetting(w, "client", makeFourNodes)
	defer s.end()
	names := s.client("", true)
	check("filter: a pod without lanes passes every node", s.passesExactly(names, "", fourNodes...))
	check("filter: the papers' pod passes the nodes that have ports",
		s.passesExactly(names, papersAsk, "one-200", "two-100", "two-short"))
	check("filter: two lanes of 100 Gbit/s fit 1x200 and 2x100, and not 100+90",
		s.passesExactly(names, twoOf100, "one-200", "two-100"))
	check("filter: the same with whole nodes in place of names",
		s.passesExactly(s.client("", false), twoOf100, "one-200", "two-100"))
	_, refused, hopeless, _ := s.passed(names, twoOf100)
	short := refused["two-short"] + hopeless["two-short"]
	check("filter: the reason has what is asked, what is free, and where",
		unless(strings.Contains(short, "200 Gbit/s asked") && strings.Contains(short, "100 Gbit/s of port ens1f0"), "%s", short))
	_, _, hopeless, err := s.passed(names, `[{"min_tx_rate": "much"}]`)
	check("filter: an annotation that is none is refused for good, and its field named",
		unless(err == nil && len(hopeless) == len(fourNodes) && strings.Contains(hopeless["plain"], "/0/min_tx_rate"), "%v, %v", err, hopeless))
	for _, namesOnly := range []bool{true, false} {
		check(fmt.Sprintf("the papers' route: the same nodes (nodeCacheCapable: %t)", namesOnly),
			s.passesExactly(s.client("rdma_scheduling", namesOnly), twoOf100, "one-200", "two-100"))
	}
	check("prioritize: every node has a score from 0 to 10, and they differ", s.wrongScores(names))
	check("bind: the pod has its node and its placement", s.wrongBind(names))
	check("bind: another pod of the same name is refused", s.wrongStaleBind(names))
	check("bind: what does not fit any more is refused, and the pod stays unbound", s.wrongLateBind(names))
	check("a client without a certificate is refused", s.wrongStranger())
	check("a replica that does not lead says so, and closes the connection", s.wrongWaiting())
}

func (s *setting) wrongScores(client fwk.Extender) string {
	name := newName("scored")
	s.makePod(pod{name: name, asks: `[{"min_tx_rate": 90000}]`})
	candidates := []string{"one-200", "two-100", "two-short"}
	scores, weight, err := client.Prioritize(lanePod(s.api, name), nodeInfos(candidates...))
	if err != nil {
		return err.Error()
	}
	byNode := map[string]int64{}
	for _, each := range *scores {
		byNode[each.Host] = each.Score
	}
	differ := false
	for _, each := range candidates {
		score, has := byNode[each]
		if !has || score < extender.MinExtenderPriority || score > extender.MaxExtenderPriority {
			return fmt.Sprint(byNode)
		}
		differ = differ || score != byNode["one-200"]
	}
	return unless(differ && weight > 0, "%v, weight %d", byNode, weight)
}

func (s *setting) bind(client fwk.Extender, name, node string, uid types.UID) error {
	return client.Bind(&v1.Binding{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, UID: uid},
		Target: v1.ObjectReference{Kind: "Node", Name: node}})
}

func (s *setting) wrongBind(client fwk.Extender) string {
	name := newName("bound")
	s.makePod(pod{name: name, asks: papersAsk})
	if err := s.bind(client, name, "two-100", lanePod(s.api, name).UID); err != nil {
		return err.Error()
	}
	told := textOf(s.api.pod(name), "metadata", "annotations", placement)
	return unless(s.nodeOf(name) == "two-100" && strings.Contains(told, `"floor":"15G"`) && strings.Contains(told, `"ceiling":"20G"`),
		"on %q: %s", s.nodeOf(name), told)
}

func (s *setting) wrongStaleBind(client fwk.Extender) string {
	name := newName("again")
	s.makePod(pod{name: name, asks: papersAsk})
	err := s.bind(client, name, "one-200", "uid-of-one-before")
	return unless(err != nil && s.nodeOf(name) == "", "%v, on %q", err, s.nodeOf(name))
}

// wrongLateBind has three pods of which a node has room for two, decided on before any was bound.
func (s *setting) wrongLateBind(client fwk.Extender) string {
	made := []string{newName("late"), newName("late"), newName("late")}
	for _, name := range made {
		s.makePod(pod{name: name, asks: `[{"min_tx_rate": 90000}]`})
	}
	var last error
	for _, name := range made {
		last = s.bind(client, name, "one-200", lanePod(s.api, name).UID)
	}
	late := made[2]
	return unless(last != nil && strings.Contains(last.Error(), "ens1f0") && s.nodeOf(late) == "" && s.nodeOf(made[1]) == "one-200",
		"%v; on %q after %q", last, s.nodeOf(late), s.nodeOf(made[1]))
}

// wrongWaiting asks the other replica: kube-scheduler would keep to its connection, and never find the one that leads.
func (s *setting) wrongWaiting() string {
	other := s.replicas[0]
	if s.service.leads() == other {
		other = s.replicas[1]
	}
	certificate, err := tls.LoadX509KeyPair(s.file("client.crt"), s.file("client.key"))
	must(err)
	// Who the servers are is kube-scheduler's to check, above.
	client := http.Client{Timeout: scheduleLimit, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true, Certificates: []tls.Certificate{certificate}}}}
	response, err := client.Post("https://"+other.address+"/scheduler/filter", "application/json", strings.NewReader(`{"Pod":{},"NodeNames":["plain"]}`))
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	said, err := io.ReadAll(response.Body)
	must(err)
	return unless(response.Close && strings.Contains(string(said), "not the leader"), "closes: %t, says: %s", response.Close, said)
}

func (s *setting) wrongStranger() string {
	stranger := s.configFor(ownConfig, s.service).Extenders[0]
	stranger.TLSConfig.CertFile, stranger.TLSConfig.KeyFile = "", ""
	name := newName("strange")
	s.makePod(pod{name: name})
	err := s.bind(newClient(stranger), name, "plain", lanePod(s.api, name).UID)
	return unless(err != nil && s.nodeOf(name) == "", "%v, on %q", err, s.nodeOf(name))
}
