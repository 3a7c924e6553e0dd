package git

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Helper is what the configuration of git says about one host.
type Helper struct {
	URL     string // what people clone from
	Command string // what git runs
	ByPath  bool   // git is to name the path of the repository too
}

// Text is the helper as it will stand in the configuration. The first line
// takes out what was inherited: another helper would be asked first, and one
// that keeps what it sees would write the token into its own file.
func (h Helper) Text() string {
	lines := []string{`[credential "` + h.URL + `"]`, "\thelper =", "\thelper = " + h.Command}
	if h.ByPath {
		lines = append(lines, "\tuseHttpPath = true")
	}
	return strings.Join(lines, "\n")
}

func (h Helper) key(name string) string { return "credential." + h.URL + "." + name }

// ErrNoGit says that there is no git to be configured.
var ErrNoGit = errors.New("git was not found")

// FailedError is what git said when it did not change its configuration.
type FailedError struct{ Said string }

func (e *FailedError) Error() string { return "git config: " + e.Said }

// Config is the global configuration of the git in PATH.
type Config struct {
	// own is the program that helpers are made for, and known by.
	own string
}

// Open finds git. own is the path of this program.
func Open(own string) (*Config, error) {
	if _, err := exec.LookPath("git"); err != nil {
		return nil, ErrNoGit
	}
	return &Config{own: own}, nil
}

// Program is how others are to call this program for years: where it is in
// PATH, since that stays when a package manager moves the file behind it, else
// the file itself. It is quoted for a shell.
func Program(own string) string {
	path := own
	if found, err := exec.LookPath(filepath.Base(own)); err == nil && sameFile(found, own) {
		if absolute, err := filepath.Abs(found); err == nil {
			path = absolute
		}
	}
	return Quote(filepath.ToSlash(path))
}

func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(one, other)
}

// Quote makes a text one word of a shell.
func Quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// setting is one line of the configuration: its name as git lists it, and its
// value.
type setting struct{ name, value string }

// settings are all lines about credentials, in their order.
func (c *Config) settings(ctx context.Context) ([]setting, error) {
	out, err := c.git(ctx, "--get-regexp", "-z", `^credential\.`)
	var ended *exec.ExitError
	if errors.As(err, &ended) && ended.ExitCode() == 1 {
		return nil, nil // there are none
	}
	if err != nil {
		return nil, err
	}
	var list []setting
	for line := range strings.SplitSeq(strings.TrimSuffix(out, "\x00"), "\x00") {
		name, value, _ := strings.Cut(line, "\n")
		list = append(list, setting{name, value})
	}
	return list, nil
}

// ours is what setup writes as a command: this program, its folders, and
// nothing behind the name of the command.
var ours = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^!('(?:[^']|'\\'')*'|[^\s']+)(?: --(?:config-dir|data-dir|store) '(?:[^']|'\\'')*')* git-credential$`)
})

func (c *Config) isOurs(command string) bool {
	found := ours().FindStringSubmatch(command)
	if found == nil {
		return false
	}
	program := strings.ReplaceAll(strings.Trim(found[1], "'"), `'\''`, "'")
	name := strings.TrimSuffix(filepath.Base(program), ".exe")
	return name == "gitgrant" || program == filepath.ToSlash(c.own)
}

// List are the helpers that lead here, in the order of the configuration.
func (c *Config) List(ctx context.Context) ([]Helper, error) {
	settings, err := c.settings(ctx)
	if err != nil {
		return nil, err
	}
	var list []Helper
	for i, s := range settings {
		url, isHelper := strings.CutSuffix(strings.TrimPrefix(s.name, "credential."), ".helper")
		if !isHelper || !c.isOurs(s.value) {
			continue
		}
		h := Helper{URL: url, Command: s.value}
		// What setup wrote stands right behind; what a person wrote does not.
		h.ByPath = i+1 < len(settings) && settings[i+1] == setting{"credential." + url + ".usehttppath", "true"}
		list = append(list, h)
	}
	return list, nil
}

// Has reports whether a helper is there as it would be written now.
func (c *Config) Has(ctx context.Context, h Helper) (bool, error) {
	settings, err := c.settings(ctx)
	there := slices.Contains(settings, setting{h.key("helper"), h.Command})
	return there && (!h.ByPath || h.named(settings)), err
}

// named reports whether git names the path to the host: the last word counts.
func (h Helper) named(settings []setting) bool {
	named := false
	for _, s := range settings {
		if s.name == h.key("usehttppath") {
			named = s.value == "true"
		}
	}
	return named
}

// Add writes a helper behind what is there for its host.
func (c *Config) Add(ctx context.Context, h Helper) error {
	settings, err := c.settings(ctx)
	if err != nil {
		return err
	}
	if _, err := c.git(ctx, "--add", h.key("helper"), ""); err != nil {
		return err
	}
	if _, err := c.git(ctx, "--add", h.key("helper"), h.Command); err != nil {
		if !slices.Contains(settings, setting{h.key("helper"), ""}) { // alone it would leave git without any
			_, _ = c.git(context.WithoutCancel(ctx), "--unset", h.key("helper"), "^$")
		}
		return err
	}
	if h.ByPath && !h.named(settings) {
		_, err = c.git(ctx, "--add", h.key("useHttpPath"), "true")
	}
	return err
}

// Remove takes out what Add wrote, and leaves what others wrote as it is.
func (c *Config) Remove(ctx context.Context, h Helper) error {
	settings, err := c.settings(ctx)
	if err != nil {
		return err
	}
	var values []string
	for _, s := range settings {
		if s.name == h.key("helper") {
			values = append(values, s.value)
		}
	}
	if err := c.removeHelper(ctx, h, values); err != nil {
		return err
	}
	if h.ByPath {
		_, err = c.git(ctx, "--unset", h.key("useHttpPath"), "^true$")
	}
	return err
}

func (c *Config) removeHelper(ctx context.Context, h Helper, values []string) error {
	at := slices.Index(values, h.Command)
	if at < 0 {
		return nil
	}
	resets := at > 0 && values[at-1] == ""
	alone := len(slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v != "" })) == 1
	if !resets || alone {
		if _, err := c.git(ctx, "--fixed-value", "--unset", h.key("helper"), h.Command); err != nil || !resets {
			return err
		}
		_, err := c.git(ctx, "--unset", h.key("helper"), "^$")
		return err
	}
	// Git cannot be told which of several empty values is meant.
	if _, err := c.git(ctx, "--unset-all", h.key("helper")); err != nil {
		return err
	}
	for _, value := range slices.Delete(values, at-1, at+1) {
		if _, err := c.git(ctx, "--add", h.key("helper"), value); err != nil {
			return err
		}
	}
	return nil
}

// Behind are the helpers for all hosts that stand behind that of a host: git
// asks them too, and tells them every token that has worked.
func (c *Config) Behind(ctx context.Context, h Helper) ([]string, error) {
	settings, err := c.settings(ctx)
	if err != nil {
		return nil, err
	}
	at := slices.Index(settings, setting{h.key("helper"), h.Command})
	var behind []string
	for _, s := range settings[at+1:] {
		if s.name == "credential.helper" && s.value != "" {
			behind = append(behind, s.value)
		}
	}
	return behind, nil
}

// git runs git config on the global file.
func (c *Config) git(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"config", "--global"}, args...)...)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil && said.Len() > 0 {
		return "", &FailedError{strings.TrimSpace(said.String())}
	}
	return string(out), err
}
