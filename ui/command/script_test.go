package command_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/goccy/go-yaml"
	"github.com/rogpeppe/go-internal/testscript"

	"gitgrant/internal/canary"
	"gitgrant/providers/sandbox"
	"gitgrant/ui/command"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"gitgrant": func() { os.Exit(command.Main()) },
		"person":   person,
		"broken":   func() { os.Exit(command.MainWithFault(sandbox.MustToken("github", "runtime").Text)) },
	})
}

var update = flag.Bool("update", false, "write what is compared into the scripts")

// TestScripts runs the program as people and other programs do. Beside the
// commands of testscript a script has:
//
//	run CODE args...      gitgrant, which must exit with CODE and let no token out
//	hand CODE args...     the same for what is meant to let one out
//	approve CODE args...  run, with a person who approves in a browser
//	deny CODE args...     run, with a person who declines there
//	tree FILE             makes the report on standard output comparable, into FILE
//
// Every script has a sandbox of its own. Tokens of it are in
// tokens/PROVIDER/NAME, secrets of its applications in secrets/PROVIDER/NAME;
// device codes wait for nobody, but are approved at once where the script
// brings a file named approved.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               setUp,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"run":     func(ts *testscript.TestScript, _ bool, args []string) { run(ts, args); letNothingOut(ts) },
			"hand":    func(ts *testscript.TestScript, _ bool, args []string) { run(ts, args) },
			"approve": withPerson("approve"),
			"deny":    withPerson("deny"),
			"tree":    tree,
		},
	})
}

func setUp(env *testscript.Env) error {
	at := func(name string) string { return filepath.Join(env.WorkDir, name) }
	approval := sandbox.OnPage
	if _, err := os.Stat(at("approved")); err == nil {
		approval = sandbox.Auto
	}
	server, err := sandbox.Start(sandbox.Options{Approve: approval, Interval: time.Second}, "127.0.0.1:0")
	if err != nil {
		return err
	}
	env.Defer(func() { _ = server.Close() })
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		return err
	}
	files := map[string]string{
		"config/hosts.yaml": string(server.HostsYAML(server.URL())),
		"identity":          identity.String() + "\n",
		"passphrase":        "four words and a comma\n",
	}
	for _, token := range sandbox.Tokens() {
		files["tokens/"+token.Provider+"/"+token.Name] = token.Text + "\n"
	}
	for _, client := range sandbox.Clients() {
		if client.Secret != "" {
			files["secrets/"+client.Provider+"/"+client.Name] = client.Secret + "\n"
		}
	}
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(at(name)), 0o700); err != nil {
			return err
		}
		if _, err := os.Stat(at(name)); err == nil {
			continue // the script brings its own
		}
		if err := os.WriteFile(at(name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	env.Setenv("SANDBOX", server.URL())
	env.Setenv("HOME", at("home"))
	env.Setenv("LANG", "C.UTF-8")
	env.Setenv("TERM", "xterm-256color")
	env.Setenv("GORACE", "atexit_sleep_ms=0") // a program under the race detector would rest for a second at its end
	env.Setenv("XDG_CONFIG_DIRS", at("shared"))
	env.Setenv("GITGRANT_CONFIG_DIR", at("config"))
	env.Setenv("GITGRANT_DATA_DIR", at("data"))
	env.Setenv("GITGRANT_STORE", "vault")
	env.Setenv("GITGRANT_VAULT_IDENTITY_FILE", at("identity"))
	return nil
}

// withPerson is run with a person who decides in a browser.
func withPerson(decision string) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, _ bool, args []string) {
		run(ts, args, "person", decision)
		letNothingOut(ts)
	}
}

// run runs the program, behind another one where there is one before it.
func run(ts *testscript.TestScript, args []string, before ...string) {
	program := append(append(before, "gitgrant"), args[1:]...)
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var ended *exec.ExitError
	switch err := ts.Exec(program[0], program[1:]...); {
	case errors.As(err, &ended):
		got = ended.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit code %d, not %d", got, want)
	}
}

// letNothingOut looks for every token of the sandbox in what the program wrote,
// on its streams and into its files.
func letNothingOut(ts *testscript.TestScript) {
	places := map[string][]byte{
		"standard output": []byte(ts.ReadFile("stdout")),
		"standard error":  []byte(ts.ReadFile("stderr")),
	}
	for _, folder := range []string{"config", "data", "home"} {
		files, err := canary.Files(ts.MkAbs("$WORK/" + folder))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		ts.Check(err)
		for name, content := range files {
			places[folder+"/"+name] = content
		}
	}
	for _, token := range sandbox.Tokens() {
		for _, found := range canary.Search(token.Text, places) {
			ts.Fatalf("%s: %s", token.Name, found)
		}
	}
}

// aDay is a day to come in a sentence of a report. A slow machine is a day nearer
// to it by the time that it counts.
var aDay = regexp.MustCompile(`\bin \d+ days, on \d{4}-\d{2}-\d{2}\b`)

// tree writes the one value of standard output as JSON with its moments, and the
// address of the sandbox, replaced by what does not change.
func tree(ts *testscript.TestScript, _ bool, args []string) {
	text := strings.ReplaceAll(ts.ReadFile("stdout"), ts.Getenv("SANDBOX"), "http://sandbox")
	if !strings.HasPrefix(text, "{") {
		fromYAML, err := yaml.YAMLToJSON([]byte(text))
		ts.Check(err)
		text = string(fromYAML)
	}
	var b bytes.Buffer
	ts.Check(json.Indent(&b, []byte(text), "", "  "))
	lines := strings.Split(b.String(), "\n")
	for i, line := range lines {
		for _, field := range []string{`"checked_at": `, `"expires_at": `} {
			if before, moment, ok := strings.Cut(line, field); ok {
				_, err := time.Parse(time.RFC3339, strings.Trim(moment, `",`))
				ts.Check(err)
				lines[i] = before + field + `"MOMENT"` + strings.Repeat(",", strings.Count(moment, ","))
			}
		}
	}
	tidy := aDay.ReplaceAllString(strings.TrimSpace(strings.Join(lines, "\n"))+"\n", "in DAYS, on DAY")
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(tidy), 0o600))
}
