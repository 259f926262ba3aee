package main

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"k8s.io/client-go/kubernetes/scheme"
)

// An API server of one process: objects with versions, lists, watches, and of pods their binding and status. Both sides of the test
// speak to it over HTTP: kube-scheduler by client-go, sluice-scheduler by its own client.
type api struct {
	*store
	url   string
	kinds map[string]string // Of collections.
}

func startAPI() *api {
	a := &api{store: newStore(), kinds: map[string]string{nodeLanes: "NodeLanes"}}
	for kind := range scheme.Scheme.AllKnownTypes() {
		plural, _ := meta.UnsafeGuessKindToResource(kind)
		prefix := "apis/" + kind.Group
		if kind.Group == "" {
			prefix = "api"
		}
		a.kinds[prefix+"/"+kind.Version+"/"+plural.Resource] = kind.Kind
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	a.url = "http://" + listener.Addr().String()
	go http.Serve(listener, http.HandlerFunc(a.serve))
	return a
}

type target struct {
	collection  string
	namespace   string
	name        string
	subresource string
}

func (t target) key() string { return t.namespace + "/" + t.name }

func parse(path string) (t target, understood bool) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	depth := 2 // "api/v1", or "apis/GROUP/VERSION"
	if parts[0] == "apis" {
		depth = 3
	}
	if len(parts) <= depth {
		return t, false
	}
	prefix, rest := strings.Join(parts[:depth], "/"), parts[depth:]
	if rest[0] == "namespaces" && len(rest) > 2 {
		t.namespace, rest = rest[1], rest[2:]
	}
	rest = append(rest, "", "")
	t.collection, t.name, t.subresource = prefix+"/"+rest[0], rest[1], rest[2]
	return t, true
}

func (a *api) serve(writer http.ResponseWriter, request *http.Request) {
	t, understood := parse(request.URL.Path)
	if !understood {
		refuse(writer, &refusal{404, "NotFound", "nothing at " + request.URL.Path})
		return
	}
	query := request.URL.Query()
	wants := selection{t.namespace, query.Get("fieldSelector")}
	if request.Method == http.MethodGet && t.name == "" {
		if query.Get("watch") == "1" || query.Get("watch") == "true" {
			a.watch(writer, request, t.collection, wants)
			return
		}
		items, version := a.list(t.collection, wants)
		group, _ := strings.CutPrefix(t.collection[:strings.LastIndex(t.collection, "/")], "apis/")
		group, _ = strings.CutPrefix(group, "api/")
		answer(writer, 200, object{"kind": a.kinds[t.collection] + "List", "apiVersion": group,
			"metadata": object{"resourceVersion": strconv.Itoa(version)}, "items": items})
		return
	}
	body, err := io.ReadAll(request.Body)
	must(err)
	after, err := a.act(t, request, body)
	if err != nil {
		refuse(writer, err.(*refusal))
		return
	}
	status := 200
	if request.Method == http.MethodPost {
		status = 201
	}
	answer(writer, status, after)
}

func (a *api) act(t target, request *http.Request, body []byte) (object, error) {
	var given object
	if len(body) > 0 && json.Unmarshal(body, &given) != nil {
		return nil, &refusal{400, "BadRequest", "not JSON"}
	}
	switch request.Method {
	case http.MethodGet:
		return a.get(t.collection, t.key())
	case http.MethodPost:
		if t.subresource == "binding" {
			return a.bind(t, given)
		}
		return a.create(t.collection, t.namespace, given)
	case http.MethodPut:
		return a.change(t.collection, t.key(), func(o object) error {
			version := textOf(given, "metadata", "resourceVersion")
			if version != "" && version != textOf(o, "metadata", "resourceVersion") {
				return conflict(t.key(), "the object has been modified")
			}
			uid := textOf(o, "metadata", "uid")
			clear(o)
			for name, value := range given {
				o[name] = value
			}
			metadataOf(o)["uid"] = uid
			return nil
		})
	case http.MethodPatch:
		return a.patch(t, request.Header.Get("Content-Type"), given, body)
	case http.MethodDelete:
		return object{"kind": "Status", "apiVersion": "v1", "status": "Success"}, a.remove(t.collection, t.key())
	}
	return nil, &refusal{405, "MethodNotAllowed", request.Method}
}

// patch takes an apply for a merge, which creates.
func (a *api) patch(t target, contentType string, given object, body []byte) (object, error) {
	if _, err := a.get(t.collection, t.key()); err != nil && strings.HasPrefix(contentType, "application/apply-patch") {
		metadataOf(given)["name"] = t.name
		return a.create(t.collection, t.namespace, given)
	}
	return a.change(t.collection, t.key(), func(o object) error {
		if contentType != "application/strategic-merge-patch+json" {
			merge(o, given)
			return nil
		}
		before, err := json.Marshal(o)
		must(err)
		after, err := strategicpatch.StrategicMergePatch(before, body, v1.Pod{})
		if err != nil {
			return &refusal{422, "Invalid", err.Error()}
		}
		clear(o)
		return json.Unmarshal(after, &o)
	})
}

// merge as RFC 7386 has it.
func merge(into, from object) {
	for name, value := range from {
		members, isObject := value.(object)
		own, has := into[name].(object)
		switch {
		case value == nil:
			delete(into, name)
		case isObject && has:
			merge(own, members)
		default:
			into[name] = value
		}
	}
}

// bind as the API server does: the UID is a precondition, and the annotations go to the pod with its node.
func (a *api) bind(t target, binding object) (object, error) {
	_, err := a.change(t.collection, t.key(), func(pod object) error {
		uid := textOf(binding, "metadata", "uid")
		if uid != "" && uid != textOf(pod, "metadata", "uid") {
			return conflict(t.key(), "Precondition failed: UID in precondition: "+uid+", UID in object meta: "+textOf(pod, "metadata", "uid"))
		}
		if node := textOf(pod, "spec", "nodeName"); node != "" {
			return conflict(t.key(), "pod is already assigned to node \""+node+"\"")
		}
		merge(pod, object{"spec": object{"nodeName": textOf(binding, "target", "name")}})
		if annotations, has := metadataOf(binding)["annotations"].(object); has {
			merge(pod, object{"metadata": object{"annotations": annotations}})
		}
		return nil
	})
	return object{"kind": "Status", "apiVersion": "v1", "status": "Success"}, err
}

func (a *api) watch(writer http.ResponseWriter, request *http.Request, collection string, wants selection) {
	flusher := writer.(http.Flusher)
	writer.Header().Set("Content-Type", "application/json")
	events := json.NewEncoder(writer)
	a.mutex.Lock()
	defer a.mutex.Unlock()
	next, err := strconv.Atoi(request.URL.Query().Get("resourceVersion"))
	if err != nil {
		next = a.version
	}
	if request.URL.Query().Get("sendInitialEvents") == "true" {
		next = a.version
		for key, each := range a.objects[collection] {
			if wants.has(key, each.object) {
				events.Encode(object{"type": "ADDED", "object": json.RawMessage(each.text)})
			}
		}
		version := collection[strings.Index(collection, "/")+1 : strings.LastIndex(collection, "/")]
		events.Encode(object{"type": "BOOKMARK", "object": object{"kind": a.kinds[collection], "apiVersion": version,
			"metadata": object{"resourceVersion": strconv.Itoa(next), "annotations": object{"k8s.io/initial-events-end": "true"}}}})
	}
	gone := request.Context()
	go func() {
		<-gone.Done()
		a.changed.Broadcast()
	}()
	flusher.Flush()
	for gone.Err() == nil {
		// Each change has the next version.
		pending := a.history[min(next, len(a.history)):]
		next = len(a.history)
		if len(pending) == 0 {
			a.changed.Wait()
			continue
		}
		a.mutex.Unlock()
		for _, each := range pending {
			if each.collection == collection && wants.has(each.key, each.object) {
				events.Encode(object{"type": each.kind, "object": json.RawMessage(each.text)})
			}
		}
		flusher.Flush()
		a.mutex.Lock()
	}
}

func answer(writer http.ResponseWriter, status int, body any) {
	writer.Header().Set("Content-Type", "application/json")
	writer.WriteHeader(status)
	json.NewEncoder(writer).Encode(body)
}

func refuse(writer http.ResponseWriter, why *refusal) {
	answer(writer, why.code, object{"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": why.message,
		"reason": why.reason, "code": why.code})
}
