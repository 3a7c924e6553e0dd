package main_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// What a field is called that holds a secret, by its name in the program or in
// an answer of a host.
var (
	secretive = regexp.MustCompile(`(?i)(token|secret|pass(word|phrase)|verifier|refresh|credential|authorization|private_?key|device_?code|^state$|^code$|^access$)`)
	// Of a secret these tell where it is, or what it is called.
	about = regexp.MustCompile(`(URL|Page|File|Files|Kind|Name|Names|At|Label)$`)
)

// inTheClear are the fields that sound like secrets and are none.
var inTheClear = map[string]string{
	"flows/conversation.go Secrets":     "names the hosts whose application has a secret",
	"flows/handover/manifest.go Secret": "is the name of a Secret of Kubernetes",
	"flows/visit.go token":              "is a digest in memory, to know the same token again",
	"ui/command/hosts.go Life":          "is how long tokens live that a profile asks for",
	"ui/command/demo_ring.go token":     "is the name of a fake token",
	"ui/screen/screen.go Code":          "is the code that a person reads and types",
}

// The type that prints itself nowhere is of use where it is used.
func TestNoStructHoldsASecretInTheClear(t *testing.T) {
	held, excused := 0, map[string]bool{}
	for _, file := range goFiles(t) {
		if isTest(file) || strings.HasPrefix(file, "internal/") || strings.HasPrefix(file, "providers/sandbox/") {
			continue // the sandbox hands out fakes that everybody may see
		}
		for _, field := range fields(t, file) {
			switch {
			case field.kind == "secret.Secret" || field.kind == "wire.Confidential":
				held++
			case field.kind != "string" && field.kind != "[]string" && field.kind != "[]byte" && field.kind != "[]rune":
			case !secretive.MatchString(field.name) && !secretive.MatchString(field.called), about.MatchString(field.name):
			case inTheClear[file+" "+field.name] != "":
				excused[file+" "+field.name] = true
			default:
				t.Errorf("%s: %s is a %s: a secret is a secret.Secret", file, field.name, field.kind)
			}
		}
	}
	if len(excused) != len(inTheClear) {
		t.Errorf("of the fields that are excused there are only %v", excused)
	}
	if held < 20 {
		t.Errorf("only %d fields hold a secret: nothing was looked at", held)
	}
}

type field struct{ name, kind, called string }

// fields are those of all structs in a file, of unnamed ones too.
func fields(t *testing.T, file string) []field {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var all []field
	ast.Inspect(parsed, func(n ast.Node) bool {
		if s, ok := n.(*ast.StructType); ok {
			for _, f := range s.Fields.List {
				called := ""
				if f.Tag != nil {
					called = reflect.StructTag(strings.Trim(f.Tag.Value, "`")).Get("json")
				}
				for _, name := range f.Names {
					all = append(all, field{name.Name, kindOf(f.Type), called})
				}
			}
		}
		return true
	})
	return all
}

func kindOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.ArrayType:
		return "[]" + kindOf(e.Elt)
	case *ast.SelectorExpr:
		return kindOf(e.X) + "." + e.Sel.Name
	default:
		return ""
	}
}
