package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/apis/admissionregistration"
	_ "k8s.io/kubernetes/pkg/apis/admissionregistration/install"
	admission "k8s.io/kubernetes/pkg/apis/admissionregistration/validation"
	"k8s.io/kubernetes/pkg/apis/resource"
	_ "k8s.io/kubernetes/pkg/apis/resource/install"
	"k8s.io/kubernetes/pkg/apis/resource/validation"
	"sigs.k8s.io/yaml"
)

func validateManifests() {
	for _, pattern := range []string{"deploy/claims/*.yaml", "deploy/examples/*.yaml", "deploy/inventory/*.yaml", "test/golden/resource_slice*.json"} {
		paths, err := filepath.Glob(filepath.Join(repo, pattern))
		must(err)
		for _, path := range paths {
			for _, object := range objectsOf(path) {
				name, _ := filepath.Rel(repo, path)
				check("the API server takes a "+object.kind+" of "+name, wrongWith(object))
			}
		}
	}
}

type object struct {
	kind string
	text []byte // JSON
}

// objectsOf has those of the two groups that are validated here.
func objectsOf(path string) []object {
	text, err := os.ReadFile(path)
	must(err)
	var objects []object
	for _, document := range bytes.Split(text, []byte("\n---\n")) {
		text, err := yaml.YAMLToJSON(document)
		must(err)
		for _, each := range listed(text) {
			var known struct{ APIVersion, Kind string }
			must(json.Unmarshal(each, &known))
			group, _, _ := strings.Cut(known.APIVersion, "/")
			if group == "resource.k8s.io" || group == "admissionregistration.k8s.io" {
				objects = append(objects, object{known.Kind, each})
			}
		}
	}
	return objects
}

// listed has the elements of a list, or the one document.
func listed(text []byte) []json.RawMessage {
	var list []json.RawMessage
	if json.Unmarshal(text, &list) == nil {
		return list
	}
	return []json.RawMessage{text}
}

func wrongWith(object object) string {
	decoded, err := runtime.Decode(legacyscheme.Codecs.UniversalDecoder(), object.text)
	if err != nil {
		return err.Error()
	}
	if err := validate(decoded).ToAggregate(); err != nil {
		return err.Error()
	}
	return ""
}

func validate(object runtime.Object) field.ErrorList {
	switch o := object.(type) {
	case *resource.ResourceSlice:
		return validation.ValidateResourceSlice(o)
	case *resource.ResourceClaim:
		o.Namespace = "default"
		return validation.ValidateResourceClaim(o)
	case *resource.ResourceClaimTemplate:
		o.Namespace = "default"
		return validation.ValidateResourceClaimTemplate(o)
	case *resource.DeviceClass:
		return validation.ValidateDeviceClass(o)
	case *admissionregistration.ValidatingAdmissionPolicy:
		return admission.ValidateValidatingAdmissionPolicy(o)
	case *admissionregistration.ValidatingAdmissionPolicyBinding:
		return admission.ValidateValidatingAdmissionPolicyBinding(o)
	}
	return field.ErrorList{field.NotSupported(field.NewPath("kind"), object, []string{"a kind that is validated here"})}
}
