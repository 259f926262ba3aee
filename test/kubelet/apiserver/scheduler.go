package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/apis/admissionregistration"
	admission "k8s.io/kubernetes/pkg/apis/admissionregistration/validation"
	"k8s.io/kubernetes/pkg/apis/apps"
	_ "k8s.io/kubernetes/pkg/apis/apps/install"
	appsvalidation "k8s.io/kubernetes/pkg/apis/apps/validation"
	"k8s.io/kubernetes/pkg/apis/core"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	corevalidation "k8s.io/kubernetes/pkg/apis/core/validation"
	disruption "k8s.io/kubernetes/pkg/apis/policy"
	_ "k8s.io/kubernetes/pkg/apis/policy/install"
	disruptionvalidation "k8s.io/kubernetes/pkg/apis/policy/validation"
	"k8s.io/kubernetes/pkg/apis/rbac"
	_ "k8s.io/kubernetes/pkg/apis/rbac/install"
	rbacvalidation "k8s.io/kubernetes/pkg/apis/rbac/validation"
	"sigs.k8s.io/yaml"
)

// A member that is misspelt is an error here, as with kubectl's --validate=strict.
var strict = serializer.NewCodecFactory(legacyscheme.Scheme, serializer.EnableStrict).UniversalDecoder()

// judgeSchedulerManifests validates what deploy/scheduler and its components apply. KubeSchedulerConfigurations are judged beside
// kube-scheduler's own code, in ../extender.
func judgeSchedulerManifests() {
	for _, pattern := range []string{"deploy/scheduler/*.yaml", "deploy/scheduler/*/*.yaml"} {
		paths, err := filepath.Glob(filepath.Join(repo, pattern))
		must(err)
		for _, path := range paths {
			name, _ := filepath.Rel(repo, path)
			for _, text := range documentsOf(path) {
				var known struct{ Kind string }
				must(json.Unmarshal(text, &known))
				switch known.Kind {
				case "Kustomization", "Component", "KubeSchedulerConfiguration":
				default:
					check("the API server takes a "+known.Kind+" of "+name, wrongWithManifest(text))
				}
			}
		}
	}
}

func documentsOf(path string) [][]byte {
	text, err := os.ReadFile(path)
	must(err)
	var documents [][]byte
	for _, document := range bytes.Split(text, []byte("\n---\n")) {
		text, err := yaml.YAMLToJSONStrict(document)
		must(err)
		documents = append(documents, text)
	}
	return documents
}

func wrongWithManifest(text []byte) string {
	decoded, err := runtime.Decode(strict, text)
	if err != nil {
		return err.Error()
	}
	if err := validateManifest(decoded).ToAggregate(); err != nil {
		return err.Error()
	}
	return ""
}

// validateManifest puts what has a namespace into that of the kustomization.
func validateManifest(object runtime.Object) field.ErrorList {
	switch object.(type) {
	case *apps.Deployment, *core.Service, *core.ServiceAccount, *disruption.PodDisruptionBudget, *rbac.Role, *rbac.RoleBinding:
		accessor, err := meta.Accessor(object)
		must(err)
		accessor.SetNamespace("sluice-system")
	}
	switch o := object.(type) {
	case *apps.Deployment:
		return appsvalidation.ValidateDeployment(o, corevalidation.PodValidationOptions{})
	case *core.Service:
		return corevalidation.ValidateServiceCreate(o)
	case *core.ServiceAccount:
		return corevalidation.ValidateServiceAccount(o)
	case *disruption.PodDisruptionBudget:
		return disruptionvalidation.ValidatePodDisruptionBudget(o, disruptionvalidation.PodDisruptionBudgetValidationOptions{})
	case *rbac.Role:
		return rbacvalidation.ValidateRole(o)
	case *rbac.ClusterRole:
		return rbacvalidation.ValidateClusterRole(o, rbacvalidation.ClusterRoleValidationOptions{})
	case *rbac.RoleBinding:
		return rbacvalidation.ValidateRoleBinding(o)
	case *rbac.ClusterRoleBinding:
		return rbacvalidation.ValidateClusterRoleBinding(o)
	case *admissionregistration.ValidatingAdmissionPolicy:
		return admission.ValidateValidatingAdmissionPolicy(o)
	case *admissionregistration.ValidatingAdmissionPolicyBinding:
		return admission.ValidateValidatingAdmissionPolicyBinding(o)
	case *admissionregistration.MutatingAdmissionPolicy:
		return admission.ValidateMutatingAdmissionPolicy(o)
	case *admissionregistration.MutatingAdmissionPolicyBinding:
		return admission.ValidateMutatingAdmissionPolicyBinding(o)
	}
	return validate(object)
}
