package words_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"gitgrant/flows"
	"gitgrant/flows/handover"
	"gitgrant/keyring"
	"gitgrant/keyring/vault"
	"gitgrant/providers"
	"gitgrant/providers/address"
	"gitgrant/providers/cause"
	"gitgrant/providers/hosts"
	"gitgrant/providers/oauth"
	"gitgrant/ui/git"
	"gitgrant/ui/words"
)

// constants are the values that a package declares for a type of text, read
// from its source: a new one is in here without anybody remembering.
func constants[T ~string](t *testing.T, folder, typeName string) []T {
	t.Helper()
	var values []T
	declarations(t, folder, token.CONST, func(spec *ast.ValueSpec) {
		if name, ok := spec.Type.(*ast.Ident); !ok || name.Name != typeName {
			return
		}
		for _, value := range spec.Values {
			text, err := strconv.Unquote(value.(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			values = append(values, T(text))
		}
	})
	if len(values) == 0 {
		t.Fatalf("%s declares no %s", folder, typeName)
	}
	return values
}

// declared are the names of the errors that a package declares.
func declared(t *testing.T, folder string) []string {
	t.Helper()
	var names []string
	declarations(t, folder, token.VAR, func(spec *ast.ValueSpec) {
		for _, name := range spec.Names {
			if strings.HasPrefix(name.Name, "Err") {
				names = append(names, name.Name)
			}
		}
	})
	return names
}

func declarations(t *testing.T, folder string, tok token.Token, each func(*ast.ValueSpec)) {
	t.Helper()
	for _, file := range sources(t, folder) {
		for _, d := range file.Decls {
			if general, ok := d.(*ast.GenDecl); ok && general.Tok == tok {
				for _, spec := range general.Specs {
					each(spec.(*ast.ValueSpec))
				}
			}
		}
	}
}

// literals are the texts that stand in the source of a package.
func literals(t *testing.T, folder string, each func(text string)) {
	t.Helper()
	for _, file := range sources(t, folder) {
		ast.Inspect(file, func(n ast.Node) bool {
			if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
				text, err := strconv.Unquote(literal.Value)
				if err != nil {
					t.Fatal(err)
				}
				each(text)
			}
			return true
		})
	}
}

func sources(t *testing.T, folder string) []*ast.File {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}

// byName are the errors that people meet, by package. Those of flows that only
// drive a conversation are no sayings.
var byName = map[string]map[string]error{
	"../../flows": {
		"ErrRuntimeName": flows.ErrRuntimeName, "ErrTokenEmpty": flows.ErrTokenEmpty, "ErrTokenCharacters": flows.ErrTokenCharacters,
		"ErrTokenTooLong": flows.ErrTokenTooLong, "ErrClientID": flows.ErrClientID, "ErrClientSecret": flows.ErrClientSecret, "ErrSecretless": flows.ErrSecretless, "ErrNotOffered": flows.ErrNotOffered,
		"ErrEmail": flows.ErrEmail, "ErrUsername": flows.ErrUsername, "ErrEnd": flows.ErrEnd,
		"ErrUnknownRuntime": flows.ErrUnknownRuntime, "ErrFault": flows.ErrFault, "ErrBack": nil,
		"ErrNotRotated": flows.ErrNotRotated, "ErrSuccessorLost": flows.ErrSuccessorLost, "ErrUnknownAtHost": flows.ErrUnknownAtHost, "ErrOtherToken": flows.ErrOtherToken, "ErrSameRuntime": flows.ErrSameRuntime,
	},
	"../../providers/address": {
		"ErrEmpty": address.ErrEmpty, "ErrUserInfo": address.ErrUserInfo, "ErrPlainHTTP": address.ErrPlainHTTP,
		"ErrScheme": address.ErrScheme, "ErrHost": address.ErrHost, "ErrExtra": address.ErrExtra, "ErrTwo": address.ErrTwo,
	},
	"../../providers": {
		"ErrNeedHost": providers.ErrNeedHost, "ErrOtherKind": providers.ErrOtherKind, "ErrForeignRepository": providers.ErrForeignRepository,
		"ErrNoSuchAPI": providers.ErrNoSuchAPI,
	},
	"../../keyring": {
		"ErrNotFound": keyring.ErrNotFound, "ErrUnknownOutcome": keyring.ErrUnknownOutcome, "ErrCorrupt": keyring.ErrCorrupt,
		"ErrDamaged": keyring.ErrDamaged, "ErrNewer": keyring.ErrNewer, "ErrBusy": keyring.ErrBusy,
	},
	"../../flows/handover": {
		"ErrName": handover.ErrName, "ErrNamespace": handover.ErrNamespace, "ErrReserved": handover.ErrReserved, "ErrVariable": handover.ErrVariable,
		"ErrForeign": handover.ErrForeign, "ErrNoUser": handover.ErrNoUser, "ErrUnwritten": handover.ErrUnwritten,
	},
	"../git": {
		"ErrCharacters": git.ErrCharacters, "ErrLine": git.ErrLine, "ErrTooLong": git.ErrTooLong, "ErrNoHost": git.ErrNoHost, "ErrNoGit": git.ErrNoGit,
	},
	"../../providers/oauth": {"ErrNotReturn": oauth.ErrNotReturn},
	"../../keyring/vault":   {"ErrNotKept": vault.ErrNotKept},
	"../../providers/hosts": {"ErrUnknown": hosts.ErrUnknown, "ErrShared": hosts.ErrShared, "ErrBusy": hosts.ErrBusy},
}

func sentinels() []error {
	var list []error
	for _, errs := range byName {
		for _, err := range errs {
			if err != nil {
				list = append(list, err)
			}
		}
	}
	return list
}

func TestEveryDeclaredErrorIsKnownToTheWords(t *testing.T) {
	for folder, known := range byName {
		for _, name := range declared(t, folder) {
			if _, ok := known[name]; !ok {
				t.Errorf("%s declares %s, which nobody put into words", folder, name)
			}
		}
	}
}

func TestEveryErrorHasWordsOfItsOwn(t *testing.T) {
	unforeseen := words.ProblemAt(errors.New("the sky is falling"), now).What
	seen := map[string]string{}
	for name, err := range problems() {
		what := words.ProblemAt(err, now).String()
		if name != "unforeseen" && strings.HasPrefix(what, unforeseen) {
			t.Errorf("%s is told like something that nobody foresaw", name)
		}
		if other, ok := seen[what]; ok {
			t.Errorf("%s and %s are told alike: %s", name, other, what)
		}
		seen[what] = name
	}
}

func TestEveryCauseHasWordsOfItsOwn(t *testing.T) {
	seen := map[string]cause.Kind{}
	for _, kind := range constants[cause.Kind](t, "../../providers/cause", "Kind") {
		what := words.Cause(cause.Cause{Kind: kind, Host: "git.example.com"}, now).What
		if other, ok := seen[what]; ok {
			t.Errorf("%s and %s are told alike: %s", kind, other, what)
		}
		seen[what] = kind
	}
}

func TestEveryStateOfAStoreHasWordsOfItsOwn(t *testing.T) {
	seen := map[string]keyring.State{}
	for _, state := range constants[keyring.State](t, "../../keyring", "State") {
		m := words.Condition(keyring.Condition{Store: keyring.System, State: state}).String()
		if other, ok := seen[m]; ok {
			t.Errorf("%s and %s are told alike: %s", state, other, m)
		}
		seen[m] = state
	}
}

func TestEveryProblemOfTheHostsFileHasWordsOfItsOwn(t *testing.T) {
	seen := map[string]hosts.Problem{}
	for _, p := range constants[hosts.Problem](t, "../../providers/hosts", "Problem") {
		m := words.HostsFile(&hosts.FileError{File: "hosts.yaml", Problem: p})
		if m.Why == "" {
			t.Errorf("%s says nothing", p)
		}
		if other, ok := seen[m.Why]; ok {
			t.Errorf("%s and %s are told alike: %s", p, other, m.Why)
		}
		seen[m.Why] = p
	}
}

func TestEveryStatusIsListed(t *testing.T) {
	declared := constants[flows.Status](t, "../../flows", "Status")
	if len(declared) != len(flows.Statuses) {
		t.Errorf("%d statuses are declared and %d are listed", len(declared), len(flows.Statuses))
	}
	for _, status := range declared {
		if words.Status(status) == "" {
			t.Errorf("%s has no word", status)
		}
	}
}

func TestEveryNameIsAName(t *testing.T) {
	for _, kind := range constants[providers.Kind](t, "../../providers", "Kind") {
		if words.Provider(kind) == string(kind) {
			t.Errorf("the provider %s has no name", kind)
		}
	}
	for _, kind := range constants[providers.TokenKind](t, "../../providers", "TokenKind") {
		if kind != providers.UnknownKind && words.Kind(kind) == words.Kind(providers.UnknownKind) {
			t.Errorf("the token kind %s has no name", kind)
		}
	}
	for _, state := range constants[providers.State](t, "../../providers", "State") {
		if words.State(state) == "" {
			t.Errorf("the state %s has no word", state)
		}
	}
	for _, kind := range constants[keyring.Kind](t, "../../keyring", "Kind") {
		if words.Store(kind) == string(kind) {
			t.Errorf("the store %s has no name", kind)
		}
	}
}

func TestEveryConcernAndCaveatHasWordsOfItsOwn(t *testing.T) {
	seen := map[string]string{}
	once := func(name, text string) {
		if other, ok := seen[text]; ok {
			t.Errorf("%s and %s are told alike: %s", name, other, text)
		}
		seen[text] = name
	}
	for _, c := range constants[flows.Concern](t, "../../flows", "Concern") {
		once("concern "+string(c), words.Concern(c, "octocat"))
	}
	for _, c := range constants[handover.Caveat](t, "../../flows/handover", "Caveat") {
		once("caveat "+string(c), words.Caveat(c, handover.Subject{Runtime: "prod"}).String())
	}
}

func TestEveryReasonThatAMethodIsClosedHasWordsOfItsOwn(t *testing.T) {
	seen := map[string]flows.Closing{}
	for _, reason := range constants[flows.Closing](t, "../../flows", "Closing") {
		m := words.ProblemAt(&flows.MethodError{Method: providers.Browser, Host: "https://git.example.com", Reason: reason}, now)
		if other, ok := seen[m.Why]; ok {
			t.Errorf("%s and %s are told alike: %s", reason, other, m.Why)
		}
		seen[m.Why] = reason
	}
}

func TestEveryConcernHasWordsOfItsOwn(t *testing.T) {
	seen := map[string]flows.Concern{}
	for _, concern := range constants[flows.Concern](t, "../../flows", "Concern") {
		text := words.Concern(concern, "octocat")
		if other, ok := seen[text]; ok || (text == "") != (concern == flows.NoConcern) {
			t.Errorf("%q reads %q, as %q does", concern, text, other)
		}
		seen[text] = concern
	}
}

func TestEveryTopicCanBeAnsweredByAFlag(t *testing.T) {
	for _, topic := range constants[flows.Topic](t, "../../flows", "Topic") {
		if flag := words.Flag(flows.Question{Step: flows.StepAuthorize, Topic: topic}); flag == "" {
			t.Errorf("%q has no flag", topic)
		}
	}
}

func TestEveryEndToChooseHasItsWords(t *testing.T) {
	seen := map[string]string{}
	for _, id := range []string{flows.In30Days, flows.In90Days, flows.In180Days, flows.In365Days, flows.OnADay, flows.NeverEnds, flows.NotKnown, flows.OtherEmail} {
		name := words.Choice(id)
		if other, ok := seen[name]; name == id || ok {
			t.Errorf("%s reads %q, as %q does", id, name, other)
		}
		seen[name] = id
	}
}
