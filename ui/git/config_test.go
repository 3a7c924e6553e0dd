package git_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gitgrant/ui/git"
)

// home is a person's global configuration of git.
func home(t *testing.T, text string) (file string, c *git.Config) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is missing")
	}
	file = filepath.Join(t.TempDir(), "gitconfig")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GIT_CONFIG_GLOBAL", file)
	c, err := git.Open("/opt/gg/gitgrant")
	if err != nil {
		t.Fatal(err)
	}
	return file, c
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// says is what git says.
func says(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "git", args...).Output()
	if err != nil {
		t.Fatalf("git %s: %v", strings.Join(args, " "), err)
	}
	return string(out)
}

const site = "https://git.example.com:8443/base"

func TestWhatIsAddedIsTakenOutToTheLastByte(t *testing.T) {
	for name, before := range map[string]string{
		"nothing":                        "",
		"other things":                   "[user]\n\tname = Octo Cat ; of the tests\n\n# a note\n[core]\n\tpager = less\n",
		"helpers for all hosts":          "[credential]\n\thelper = \n\thelper = store\n",
		"the same host, without helpers": "[credential \"" + site + "\"]\n\tusername = octocat\n[user]\n\tname = o\n",
		"another helper for the host":    "[credential \"" + site + "\"]\n\thelper = osxkeychain\n",
		"a path refused by the person":   "[credential \"" + site + "\"]\n\tuseHttpPath = false\n[user]\n\tname = o\n",
		"a path asked for by the person": "[credential \"" + site + "\"]\n\tuseHttpPath = true\n\tusername = octocat\n",
	} {
		t.Run(name, func(t *testing.T) {
			file, c := home(t, before)
			want := git.Helper{URL: site, Command: "!" + git.Quote("/opt/it's here/gitgrant") + " --data-dir '/a b' git-credential", ByPath: true}
			if has, err := c.Has(t.Context(), want); has || err != nil {
				t.Fatalf("it is there before: %v", err)
			}
			if err := c.Add(t.Context(), want); err != nil {
				t.Fatal(err)
			}
			if has, err := c.Has(t.Context(), want); !has || err != nil {
				t.Errorf("it is not there: %v\n%s", err, read(t, file))
			}
			if byPath := strings.TrimSpace(says(t, "config", "--global", "--get", "credential."+site+".useHttpPath")); byPath != "true" {
				t.Errorf("git names the path: %q", byPath)
			}
			found, err := c.List(t.Context())
			if err != nil || len(found) != 1 || found[0].Command != want.Command {
				t.Fatalf("found %+v, %v", found, err)
			}
			if err := c.Remove(t.Context(), found[0]); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(before, read(t, file)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestOnlyWhatSetupWroteIsTakenForOurs(t *testing.T) {
	for command, ours := range map[string]bool{
		`!'/usr/bin/gitgrant' git-credential`:                            true,
		`!'C:/Program Files/gitgrant.exe' git-credential`:                true,
		`!'/opt/it'\''s/gitgrant' --store 'vault' git-credential`:        true,
		`!/opt/gg/gitgrant git-credential`:                               true,
		`!'/usr/bin/gitgrant' git-credential --runtime prod`:             false,
		`!'/usr/bin/gitgrant' --data-dir '/a' --plain git-credential`:    false,
		`!/usr/bin/gh auth git-credential`:                               false,
		`!'/usr/bin/gh' git-credential`:                                  false,
		`/usr/lib/git-core/git-credential-libsecret`:                     false,
		`!'/usr/bin/gitgrant' git-credential; curl https://evil.example`: false,
		`store`: false,
	} {
		t.Run(command, func(t *testing.T) {
			_, c := home(t, "")
			cmd := exec.CommandContext(t.Context(), "git", "config", "--global", "--add", "credential."+site+".helper", command)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			found, err := c.List(t.Context())
			if err != nil || (len(found) == 1) != ours {
				t.Errorf("found %+v, %v", found, err)
			}
		})
	}
}

func TestAProgramIsNamedByItsPlaceInPathWhereItIsThere(t *testing.T) {
	its, links, elsewhere := t.TempDir(), t.TempDir(), t.TempDir()
	for _, dir := range []string{its, elsewhere} {
		if err := os.WriteFile(filepath.Join(dir, "gitgrant"), []byte("#!/bin/sh\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(its, "gitgrant"), filepath.Join(links, "gitgrant")); err != nil {
		t.Skipf("links cannot be made here: %v", err)
	}
	own := filepath.Join(its, "gitgrant")
	for name, tc := range map[string]struct{ path, want string }{
		"a link in PATH leads to it": {links, filepath.Join(links, "gitgrant")},
		"another one is in PATH":     {elsewhere, own},
		"there is none in PATH":      {t.TempDir(), own},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("PATH", tc.path)
			if got := git.Program(own); got != git.Quote(filepath.ToSlash(tc.want)) {
				t.Errorf("named as %s", got)
			}
		})
	}
}

func TestGitSaysWhyItDidNotWrite(t *testing.T) {
	file, c := home(t, "")
	if err := os.WriteFile(file+".lock", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	err := c.Add(t.Context(), git.Helper{URL: site, Command: "!x git-credential"})
	if err == nil || !strings.Contains(err.Error(), "lock") {
		t.Errorf("error %v", err)
	}
}
