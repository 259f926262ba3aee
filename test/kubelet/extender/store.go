package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

type object = map[string]any

// A collection is "apis/apps/v1/replicasets"; an object's key is "namespace/name", or "/name".
type stored struct {
	object object
	text   []byte
}

type change struct {
	collection string
	key        string
	kind       string // ADDED, MODIFIED or DELETED
	object     object
	text       []byte
	version    int
}

// The API server's objects and their history.
type store struct {
	mutex   sync.Mutex // Guards all below.
	changed *sync.Cond
	objects map[string]map[string]stored
	history []change
	version int
	names   int
}

func newStore() *store {
	s := &store{objects: map[string]map[string]stored{}}
	s.changed = sync.NewCond(&s.mutex)
	return s
}

// A refusal as the API server words it.
type refusal struct {
	code    int
	reason  string
	message string
}

func (r *refusal) Error() string { return r.message }

func notFound(collection, key string) *refusal {
	return &refusal{404, "NotFound", collection + " \"" + key + "\" not found"}
}

func conflict(key, why string) *refusal {
	return &refusal{409, "Conflict", "Operation cannot be fulfilled on \"" + key + "\": " + why}
}

func metadataOf(o object) object {
	metadata, _ := o["metadata"].(object)
	if metadata == nil {
		metadata = object{}
		o["metadata"] = metadata
	}
	return metadata
}

func textOf(o object, path ...string) string {
	var at any = o
	for _, name := range path {
		members, _ := at.(object)
		at = members[name]
	}
	text, _ := at.(string)
	return text
}

// write stores what becomes of the object; `after` must not be changed afterwards.
func (s *store) write(collection, key, kind string, after object) object {
	s.version++
	metadataOf(after)["resourceVersion"] = strconv.Itoa(s.version)
	text, err := json.Marshal(after)
	must(err)
	if s.objects[collection] == nil {
		s.objects[collection] = map[string]stored{}
	}
	if kind == "DELETED" {
		delete(s.objects[collection], key)
	} else {
		s.objects[collection][key] = stored{after, text}
	}
	s.history = append(s.history, change{collection, key, kind, after, text, s.version})
	s.changed.Broadcast()
	return after
}

func (s *store) create(collection, namespace string, o object) (object, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	metadata := metadataOf(o)
	s.names++
	if prefix, has := metadata["generateName"].(string); has && metadata["name"] == nil {
		metadata["name"] = fmt.Sprintf("%s%05d", prefix, s.names)
	}
	if namespace != "" {
		metadata["namespace"] = namespace
	}
	key := namespace + "/" + textOf(o, "metadata", "name")
	if _, exists := s.objects[collection][key]; exists {
		return nil, &refusal{409, "AlreadyExists", collection + " \"" + key + "\" already exists"}
	}
	metadata["uid"] = fmt.Sprintf("uid-%d", s.names)
	metadata["creationTimestamp"] = "2026-01-01T00:00:00Z"
	return s.write(collection, key, "ADDED", o), nil
}

func (s *store) get(collection, key string) (object, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	found, exists := s.objects[collection][key]
	if !exists {
		return nil, notFound(collection, key)
	}
	return found.object, nil
}

// change has the object changed by `by`, which gets a copy of its own.
func (s *store) change(collection, key string, by func(o object) error) (object, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	found, exists := s.objects[collection][key]
	if !exists {
		return nil, notFound(collection, key)
	}
	var copied object
	must(json.Unmarshal(found.text, &copied))
	if err := by(copied); err != nil {
		return nil, err
	}
	return s.write(collection, key, "MODIFIED", copied), nil
}

func (s *store) remove(collection, key string) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	found, exists := s.objects[collection][key]
	if !exists {
		return notFound(collection, key)
	}
	var copied object
	must(json.Unmarshal(found.text, &copied))
	s.write(collection, key, "DELETED", copied)
	return nil
}

// list has what is in the collection, of one namespace or all, and the version at which it was so.
func (s *store) list(collection string, wants selection) ([]json.RawMessage, int) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	texts := []json.RawMessage{}
	for key, each := range s.objects[collection] {
		if wants.has(key, each.object) {
			texts = append(texts, each.text)
		}
	}
	return texts, s.version
}

// Of a collection: a namespace, and fields that have a value or have it not ("status.phase!=Failed").
type selection struct {
	namespace string
	fields    string
}

func (s selection) has(key string, o object) bool {
	if s.namespace != "" && !strings.HasPrefix(key, s.namespace+"/") {
		return false
	}
	for term := range strings.SplitSeq(s.fields, ",") {
		if path, value, differs := strings.Cut(term, "!="); differs {
			if textOf(o, strings.Split(path, ".")...) == value {
				return false
			}
		} else if path, value, is := strings.Cut(term, "="); is && textOf(o, strings.Split(path, ".")...) != value {
			return false
		}
	}
	return true
}
