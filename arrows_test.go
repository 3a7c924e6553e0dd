package main_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The floors of the house, by the folder they live in: an import runs downwards
// or stays on its floor, and providers and keyring do not know each other.
// Beside them stands internal, with the test parts that serve every floor.
var floors = map[string]int{"main": 3, "ui": 2, "flows": 1, "providers": 0, "keyring": 0}

// source is where an import stands.
type source struct {
	pkg      string // import path of its folder
	test     bool   // in a _test.go file
	external bool   // in a package x_test, which sees the public surface alone
}

// house is what the rules need to know of the tree.
type house struct {
	providers []string // import paths of the providers: what providers/all lists
}

// breach says which rule an import breaks, or nothing.
//
// Test files and test parts hold to the floors like all others, with these
// liberties: they may use test parts, the sandbox and a provider's folder; and
// an external test of a flow, which drives its public surface as any program
// would, may speak HTTP.
func (h house) breach(from source, imported string) string {
	from.test = from.test || testPart(from.pkg)
	switch {
	case within(imported, "net/http"):
		if floor(from.pkg) == "flows" && !from.external {
			return "a flow knows no HTTP"
		}
	case within(imported, "charm.land"):
		if f := floor(from.pkg); f != "ui" && f != "internal" {
			return "only ui knows a terminal"
		}
	case within(imported, "gitgrant"):
		return h.breachInside(from, imported)
	}
	return ""
}

func (h house) breachInside(from source, imported string) string {
	above, below := floor(from.pkg), floor(imported)
	switch {
	case from.pkg == imported:
		return ""
	case from.pkg == "gitgrant/keyring/secret" && !from.test:
		return "keyring/secret is a leaf"
	case imported == "gitgrant/keyring/secret":
		return ""
	case testPart(imported) && !from.test:
		return "test parts are for tests"
	case below == "internal":
		return ""
	case above == "internal":
		return "internal knows no floor"
	case floors[above] < floors[below]:
		return "upwards"
	case above != below && floors[above] == floors[below]:
		return "sideways"
	case above == "main" && below != "ui" && !from.test:
		return "main starts ui and nothing else"
	case below == "providers":
		return h.breachAmongProviders(from, imported)
	}
	return ""
}

func (h house) breachAmongProviders(from source, imported string) string {
	const sandbox, list = "gitgrant/providers/sandbox", "gitgrant/providers/all"
	mine, theirs := h.provider(from.pkg), h.provider(imported)
	switch {
	case mine == theirs && mine != "":
		return ""
	case mine != "" && theirs != "":
		return "between two providers"
	case from.test:
		return ""
	case theirs != "" && from.pkg != list:
		return "a provider is reached through providers/all"
	case within(from.pkg, sandbox) != within(imported, sandbox) && floor(from.pkg) == "providers":
		return "the sandbox and what it stands in for share no code"
	}
	return ""
}

// provider is the provider whose folder holds the package, or nothing.
func (h house) provider(pkg string) string {
	i := slices.IndexFunc(h.providers, func(p string) bool { return within(pkg, p) })
	if i < 0 {
		return ""
	}
	return h.providers[i]
}

// floor is the name of the floor that a package of the house is on.
func floor(pkg string) string {
	if pkg == "gitgrant" {
		return "main"
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(pkg, "gitgrant/"), "/")
	return first
}

// testPart reports whether a package is there for tests alone: all of internal,
// and those on a floor that are named after what they test.
func testPart(pkg string) bool {
	return within(pkg, "gitgrant/internal") || pkg == "gitgrant/providers/sandbox/ghspec" || strings.HasSuffix(pkg, "test")
}

func within(pkg, root string) bool { return pkg == root || strings.HasPrefix(pkg, root+"/") }

func TestAnImportAgainstTheFloorsIsABreach(t *testing.T) {
	h := house{providers: []string{"gitgrant/providers/github", "gitgrant/providers/gitlab"}}
	for name, test := range map[string]struct {
		from     source
		imported string
		want     string
	}{
		"main starts the screens":                         {source{pkg: "gitgrant"}, "gitgrant/ui/command", ""},
		"main reaches past the screens":                   {source{pkg: "gitgrant"}, "gitgrant/flows", "main starts ui and nothing else"},
		"a test of main reaches past the screens":         {source{"gitgrant", true, true}, "gitgrant/providers/sandbox", ""},
		"a screen drives a flow":                          {source{pkg: "gitgrant/ui/wizard"}, "gitgrant/flows", ""},
		"a screen names a store":                          {source{pkg: "gitgrant/ui/command"}, "gitgrant/keyring/vault", ""},
		"a screen knows its terminal":                     {source{pkg: "gitgrant/ui/wizard"}, "charm.land/bubbletea/v2", ""},
		"a flow knows a screen":                           {source{pkg: "gitgrant/flows"}, "gitgrant/ui/words", "upwards"},
		"a test of a flow knows a screen":                 {source{"gitgrant/flows", true, true}, "gitgrant/ui/words", "upwards"},
		"a flow knows a terminal":                         {source{pkg: "gitgrant/flows"}, "charm.land/lipgloss/v2", "only ui knows a terminal"},
		"a flow speaks HTTP":                              {source{pkg: "gitgrant/flows"}, "net/http", "a flow knows no HTTP"},
		"a flow serves HTTP to itself":                    {source{pkg: "gitgrant/flows"}, "net/http/httptest", "a flow knows no HTTP"},
		"a test inside a flow speaks HTTP":                {source{pkg: "gitgrant/flows", test: true}, "net/http", "a flow knows no HTTP"},
		"a test from outside a flow speaks HTTP":          {source{"gitgrant/flows", true, true}, "net/http/httptest", ""},
		"a flow asks the providers and the ring":          {source{pkg: "gitgrant/flows"}, "gitgrant/keyring", ""},
		"a flow lists the providers":                      {source{pkg: "gitgrant/flows"}, "gitgrant/providers/all", ""},
		"a flow reaches for one provider":                 {source{pkg: "gitgrant/flows"}, "gitgrant/providers/github", "a provider is reached through providers/all"},
		"a test of a flow reaches for one provider":       {source{"gitgrant/flows", true, true}, "gitgrant/providers/github", ""},
		"a provider knows a flow":                         {source{pkg: "gitgrant/providers/github"}, "gitgrant/flows", "upwards"},
		"a provider knows the ring":                       {source{pkg: "gitgrant/providers/github"}, "gitgrant/keyring", "sideways"},
		"a provider knows a store":                        {source{pkg: "gitgrant/providers"}, "gitgrant/keyring/vault", "sideways"},
		"a provider carries a secret":                     {source{pkg: "gitgrant/providers/github"}, "gitgrant/keyring/secret", ""},
		"a provider uses what providers share":            {source{pkg: "gitgrant/providers/github"}, "gitgrant/providers/wire", ""},
		"a provider knows another":                        {source{pkg: "gitgrant/providers/gitlab"}, "gitgrant/providers/github", "between two providers"},
		"a provider's room knows another's":               {source{pkg: "gitgrant/providers/gitlab/scopes"}, "gitgrant/providers/github/scopes", "between two providers"},
		"a test of a provider knows another":              {source{"gitgrant/providers/gitlab", true, true}, "gitgrant/providers/github", "between two providers"},
		"a provider knows its own room":                   {source{pkg: "gitgrant/providers/github"}, "gitgrant/providers/github/scopes", ""},
		"a name that begins alike is no room of it":       {source{pkg: "gitgrant/providers/githubber"}, "gitgrant/providers/github", "a provider is reached through providers/all"},
		"the list knows every provider":                   {source{pkg: "gitgrant/providers/all"}, "gitgrant/providers/github", ""},
		"a provider leans on the sandbox":                 {source{pkg: "gitgrant/providers/github"}, "gitgrant/providers/sandbox", "the sandbox and what it stands in for share no code"},
		"the sandbox leans on what providers share":       {source{pkg: "gitgrant/providers/sandbox"}, "gitgrant/providers/wire", "the sandbox and what it stands in for share no code"},
		"a test of a provider asks the sandbox":           {source{"gitgrant/providers/github", true, true}, "gitgrant/providers/sandbox", ""},
		"a screen shows the sandbox":                      {source{pkg: "gitgrant/ui/command"}, "gitgrant/providers/sandbox", ""},
		"the ring knows a provider":                       {source{pkg: "gitgrant/keyring"}, "gitgrant/providers", "sideways"},
		"a test of the ring knows a provider":             {source{"gitgrant/keyring", true, true}, "gitgrant/providers/cause", "sideways"},
		"a store knows the ring's types":                  {source{pkg: "gitgrant/keyring/vault"}, "gitgrant/keyring", ""},
		"the leaf knows the ring":                         {source{pkg: "gitgrant/keyring/secret"}, "gitgrant/keyring", "keyring/secret is a leaf"},
		"the leaf knows a test part":                      {source{pkg: "gitgrant/keyring/secret"}, "gitgrant/internal/canary", "keyring/secret is a leaf"},
		"a test uses a test part":                         {source{pkg: "gitgrant/keyring", test: true}, "gitgrant/internal/canary", ""},
		"a screen uses a test part":                       {source{pkg: "gitgrant/ui/command"}, "gitgrant/internal/term", "test parts are for tests"},
		"a provider uses GitHub's description of its API": {source{pkg: "gitgrant/providers/github"}, "gitgrant/providers/sandbox/ghspec", "test parts are for tests"},
		"a test uses GitHub's description of its API":     {source{"gitgrant/providers/github", true, true}, "gitgrant/providers/sandbox/ghspec", ""},
		"a test part uses another":                        {source{pkg: "gitgrant/internal/oidc"}, "gitgrant/internal/term", ""},
		"a part in internal knows a floor":                {source{pkg: "gitgrant/internal/term"}, "gitgrant/flows", "internal knows no floor"},
		"a suite of a floor knows its floor":              {source{pkg: "gitgrant/keyring/storetest"}, "gitgrant/keyring", ""},
		"a suite of a floor knows one above":              {source{pkg: "gitgrant/keyring/storetest"}, "gitgrant/flows", "upwards"},
		"a suite of a floor uses a test part":             {source{pkg: "gitgrant/keyring/storetest"}, "gitgrant/internal/canary", ""},
		"a store is built on its suite":                   {source{pkg: "gitgrant/keyring/vault"}, "gitgrant/keyring/storetest", "test parts are for tests"},
		"anybody uses what is no part of the house":       {source{pkg: "gitgrant/keyring"}, "encoding/json", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := h.breach(test.from, test.imported); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestNoImportRunsAgainstTheFloors(t *testing.T) {
	files := goFiles(t)
	var h house
	for _, file := range files {
		if path.Dir(file) == "providers/all" && !isTest(file) {
			for _, imported := range imports(t, file) {
				if strings.HasPrefix(imported, "gitgrant/providers/") {
					h.providers = append(h.providers, imported)
				}
			}
		}
	}
	if len(h.providers) == 0 {
		t.Fatal("providers/all lists no provider, so the rules among providers hold nothing")
	}
	for _, file := range files {
		from := sourceOf(t, file)
		for _, imported := range imports(t, file) {
			if rule := h.breach(from, imported); rule != "" {
				t.Errorf("%s imports %s: %s", file, imported, rule)
			}
		}
	}
}

func TestEveryFloorHasAName(t *testing.T) {
	for _, file := range goFiles(t) {
		name := floor(sourceOf(t, file).pkg)
		if _, known := floors[name]; !known && name != "internal" {
			t.Errorf("%s is on no floor of the house", file)
		}
	}
}

// compiledAtOnce is a pattern that is compiled whenever the program starts.
var compiledAtOnce = regexp.MustCompile(`(?m)^(?:var |\t)\w+ += regexp\.MustCompile`)

// Whatever is made at the start, every short command pays for: git asks for a
// token by one.
func TestNothingIsCompiledThatNobodyAskedFor(t *testing.T) {
	for _, file := range goFiles(t) {
		pkg := path.Join("gitgrant", path.Dir(file))
		if isTest(file) || testPart(pkg) {
			continue
		}
		for _, line := range compiledAtOnce.FindAllString(read(t, file), -1) {
			t.Errorf("%s: %s: a sync.OnceValue compiles it at its first use", file, strings.TrimSpace(line))
		}
	}
}

// A file that is longer needs a map.
const longest = 450

func TestNoFileNeedsAMap(t *testing.T) {
	for _, file := range goFiles(t) {
		if lines := strings.Count(read(t, file), "\n"); lines > longest {
			t.Errorf("%s has %d lines, more than %d", file, lines, longest)
		}
	}
}

func TestNoCodeIsANoteToSelf(t *testing.T) {
	note := regexp.MustCompile(`\b(TODO|FIXME|XXX)\b`)
	for _, file := range goFiles(t) {
		if found := note.FindString(read(t, file)); found != "" && !isTest(file) {
			t.Errorf("%s says %s", file, found)
		}
	}
}

// goFiles are the Go files of the module, whatever system they are built for,
// as slash-separated paths from its root.
func goFiles(t *testing.T) []string {
	t.Helper()
	var files []string
	err := fs.WalkDir(os.DirFS("."), ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && (name == "node_modules" || name == "testdata" || name != "." && strings.HasPrefix(name, ".")) {
			return fs.SkipDir
		}
		if !entry.IsDir() && strings.HasSuffix(name, ".go") {
			files = append(files, file)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func isTest(file string) bool { return strings.HasSuffix(file, "_test.go") }

func sourceOf(t *testing.T, file string) source {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), filepath.FromSlash(file), nil, parser.PackageClauseOnly)
	if err != nil {
		t.Fatal(err)
	}
	return source{
		pkg:      path.Join("gitgrant", path.Dir(file)),
		test:     isTest(file),
		external: isTest(file) && strings.HasSuffix(parsed.Name.Name, "_test"),
	}
}

func imports(t *testing.T, file string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), filepath.FromSlash(file), nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, spec := range parsed.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, imported)
	}
	return paths
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.FromSlash(file))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
