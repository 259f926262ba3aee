package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/install"
	extensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	definitions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation"
	structural "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apiextensions-apiserver/pkg/registry/customresource/tableconvertor"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"sigs.k8s.io/yaml"
)

const (
	definitionFile = "deploy/inventory/nodelanes.yaml"
	goldenFile     = "test/golden/node_lanes.json"
	writtenFile    = "test/golden/node_lanes_written.json" // By an agent.
)

// nodeLanes is the definition of deploy/inventory as the API server has it.
type nodeLanes struct {
	validator  validation.SchemaValidator
	structural *structural.Structural
	columns    []extensions.CustomResourceColumnDefinition
}

// judgeNodeLanes shows that the definition of NodeLanes is taken, and with it what agents write; that objects which the agent's
// decoder would refuse are refused; and that agents write the object of their own node alone.
func judgeNodeLanes() {
	definition := loadDefinition()
	good := objectOf(goldenFile)
	for _, file := range []string{goldenFile, writtenFile} {
		check("the API server takes the NodeLanes of "+file, definition.refusal(objectOf(file)))
		check("and keeps every member of it", definition.pruned(objectOf(file)))
	}
	check("kubectl shows the columns", difference("node-a 2 100G 32 90G 0 100G port 0000:11:00.0 has no link <nil>", definition.row(good)))
	for path, value := range map[string]any{
		"status.schema":                       0,
		"status.domain":                       "",
		"status.ports.0.name":                 nil,
		"status.ports.0.vfs":                  -1,
		"status.ports.0.usable":               "fast",
		"status.ports.0.lineRate":             strings.Repeat("1", 33),
		"status.ports.0.linkType":             "wifi",
		"status.ports.0.floorEnforcement":     "magic",
		"status.ports.0.shares.pods.vfs":      65536,
		"status.ports.0.shares.claims":        nil,
		"status.ports.0.shares.pods.networks": "storage",
		"status.ports.0.shares.pods.vfioVfs":  -1,
		"status.held.0.lanes.0.vfio":          "yes",
		"status.classes.0.offered":            1.5,
		"status.classes.0.floor":              25,
		"status.held.0.uid":                   nil,
		"status.held.0.lanes.0.port":          "",
		"status.held.0.lanes.0.floor":         "-1",
		"status.ports":                        many257(),
		"spec.wishes.0.lanes":                 "3",
		"spec.wishes.0.class":                 strings.Repeat("x", 64),
	} {
		bad := objectOf(goldenFile)
		set(bad, strings.Split(path, "."), value)
		wrong := ""
		if definition.refusal(bad) == "" {
			wrong = "it was taken"
		}
		check(fmt.Sprintf("NodeLanes with a bad %s are refused", path), wrong)
	}
	judgeWritersOfNodeLanes()
}

func judgeWritersOfNodeLanes() {
	own := loadPolicy("deploy/inventory/own-node-lanes.yaml")
	of := func(node string) runtime.Object {
		return &unstructured.Unstructured{Object: map[string]any{"apiVersion": "sluice.dev/v1alpha1", "kind": "NodeLanes",
			"metadata": map[string]any{"name": node}}}
	}
	const other = "the agent of node a may not write the NodeLanes of node b"
	for _, c := range []struct {
		name string
		request
		want string
	}{
		{"M9: an agent makes the NodeLanes of its own node", request{object: of("a"), by: by(agent, "a")}, ""},
		{"M9: and of no other", request{object: of("b"), by: by(agent, "a")}, other},
		{"M9: changes no other", request{object: of("b"), old: of("b"), by: by(agent, "a")}, other},
		{"M9: but its own", request{object: of("a"), old: of("a"), by: by(agent, "a")}, ""},
		{"M9: and deletes no other", request{old: of("b"), by: by(agent, "a")}, other},
		{"M9: a token of no node makes none", request{object: of("a"), by: by(agent, "")},
			"the agent's token is bound to no node; the agent of node  may not write the NodeLanes of node a"},
		{"M9: others are not meant", request{object: of("b"), by: by("system:serviceaccount:sluice-system:sluice-scheduler", "a")}, ""},
	} {
		c.request.of = &schema.GroupVersionKind{Group: "sluice.dev", Version: "v1alpha1", Kind: "NodeLanes"}
		c.request.resource = "nodelanes"
		check(c.name, difference(c.want, own.refusal(c.request)))
	}
}

func loadDefinition() nodeLanes {
	text, err := os.ReadFile(filepath.Join(repo, definitionFile))
	must(err)
	var strict extensions.CustomResourceDefinition
	must(yaml.UnmarshalStrict(text, &strict))
	scheme := runtime.NewScheme()
	install.Install(scheme)
	decoded, err := runtime.Decode(serializer.NewCodecFactory(scheme).UniversalDecoder(), must2(yaml.YAMLToJSON(text)))
	must(err)
	definition := decoded.(*apiextensions.CustomResourceDefinition)
	definition.Status.StoredVersions = []string{"v1alpha1"} // The server's own.
	wrong := ""
	if err := definitions.ValidateCustomResourceDefinition(context.Background(), definition).ToAggregate(); err != nil {
		wrong = err.Error()
	}
	check("the API server takes the definition of "+definitionFile, wrong)
	schema, err := apiextensions.GetSchemaForVersion(definition, "v1alpha1")
	must(err)
	validator, _, err := validation.NewSchemaValidator(schema.OpenAPIV3Schema)
	must(err)
	structural, err := structural.NewStructural(schema.OpenAPIV3Schema)
	must(err)
	return nodeLanes{validator, structural, strict.Spec.Versions[0].AdditionalPrinterColumns}
}

func (n nodeLanes) refusal(object map[string]any) string {
	if err := validation.ValidateCustomResource(nil, object, n.validator).ToAggregate(); err != nil {
		return err.Error()
	}
	return ""
}

// pruned is empty where the definition knows every member of the object; the server drops others.
func (n nodeLanes) pruned(object map[string]any) string {
	kept := runtime.DeepCopyJSON(object)
	pruning.Prune(kept, n.structural, true)
	if reflect.DeepEqual(kept, object) {
		return ""
	}
	left, err := json.Marshal(kept)
	must(err)
	return "kept only " + string(left)
}

// row is the line of "kubectl get nodelanes".
func (n nodeLanes) row(object map[string]any) string {
	convertor, err := tableconvertor.New(n.columns)
	must(err)
	table, err := convertor.ConvertToTable(context.Background(), &unstructured.Unstructured{Object: maps.Clone(object)}, &meta.TableOptions{})
	must(err)
	return strings.Trim(fmt.Sprint(table.Rows[0].Cells), "[]")
}

func objectOf(file string) map[string]any {
	text, err := os.ReadFile(filepath.Join(repo, file))
	must(err)
	var object unstructured.Unstructured
	must(object.UnmarshalJSON(text))
	return object.Object
}

// set puts the value at the path; nil takes out what is there.
func set(object any, path []string, value any) {
	if list, is := object.([]any); is {
		set(list[0], path[1:], value)
		return
	}
	members := object.(map[string]any)
	switch {
	case len(path) > 1:
		set(members[path[0]], path[1:], value)
	case value == nil:
		delete(members, path[0])
	default:
		if number, is := value.(int); is {
			value = int64(number)
		}
		members[path[0]] = value
	}
}

// many257 is a list with one port more than there can be.
func many257() []any {
	var ports []any
	for range 257 {
		ports = append(ports, objectOf(goldenFile)["status"].(map[string]any)["ports"].([]any)[0])
	}
	return ports
}

func must2[T any](value T, err error) T {
	must(err)
	return value
}
