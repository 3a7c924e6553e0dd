package browser_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"gitgrant/ui/browser"
)

// programs puts programs into a folder that is the whole PATH. Each writes its
// arguments, one a line, to a file of its name with .log behind it, and exits
// with the given code.
func programs(t *testing.T, codes map[string]string) (dir string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the programs are shell scripts")
	}
	dir = t.TempDir()
	for name, code := range codes {
		script := "#!/bin/sh\nprintf '%s\\n' \"$@\" > \"$0.log\"\necho noise; echo noise >&2\nexit " + code + "\n"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
	return dir
}

func opened(t *testing.T, dir, name string) []string {
	t.Helper()
	log, err := os.ReadFile(filepath.Join(dir, name+".log"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(log), "\n"), "\n")
}

func in(vars map[string]string) func(string) string {
	return func(name string) string { return vars[name] }
}

const page = "https://github.com/login/device?a=1&b=%20;echo"

func TestBrowserNamesTheCommandsToTry(t *testing.T) {
	for name, test := range map[string]struct {
		list string
		want map[string][]string
		err  error
	}{
		"the address comes last":             {"ok", map[string][]string{"ok": {page}}, nil},
		"or where it is placed":              {"ok --url=%s --new", map[string][]string{"ok": {"--url=" + page, "--new"}}, nil},
		"arguments are split at blanks":      {"ok  --new-window", map[string][]string{"ok": {"--new-window", page}}, nil},
		"the next follows one that fails":    {"fails:ok", map[string][]string{"fails": {page}, "ok": {page}}, nil},
		"and one that is not there":          {"missing::ok", map[string][]string{"ok": {page}}, nil},
		"the first that works is enough":     {"ok:fails", map[string][]string{"ok": {page}, "fails": nil}, nil},
		"no shell reads the list":            {"ok $(fails) ;fails", map[string][]string{"ok": {"$(fails)", ";fails", page}, "fails": nil}, nil},
		"a list where nothing works says so": {"fails:missing", map[string][]string{"fails": {page}}, browser.ErrFailed},
	} {
		t.Run(name, func(t *testing.T) {
			dir := programs(t, map[string]string{"ok": "0", "fails": "1"})
			err := browser.New(in(map[string]string{"BROWSER": test.list})).Open(context.Background(), page)
			if !errors.Is(err, test.err) {
				t.Errorf("got %v, want %v", err, test.err)
			}
			for program, want := range test.want {
				if got := opened(t, dir, program); strings.Join(got, "|") != strings.Join(want, "|") {
					t.Errorf("%s was given %q, want %q", program, got, want)
				}
			}
		})
	}
}

func TestABrowserThatStaysOutlivesWhoeverOpenedIt(t *testing.T) {
	dir := programs(t, nil)
	end := filepath.Join(dir, "end")
	script := "#!/bin/sh\nwhile [ ! -e " + end + " ]; do /bin/sleep 0.01; done\necho \"$1\" > \"$0.log\"\n"
	if err := os.WriteFile(filepath.Join(dir, "stays"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	if err := browser.New(in(map[string]string{"BROWSER": "stays"})).Open(ctx, page); err != nil {
		t.Errorf("a browser that stays open gives %v", err)
	}
	cancel()
	if err := os.WriteFile(end, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for since := time.Now(); opened(t, dir, "stays") == nil; time.Sleep(time.Millisecond) {
		if time.Since(since) > time.Minute {
			t.Fatal("it was ended")
		}
	}
}

func TestNoProgramIsStartedForAnythingButAWebAddress(t *testing.T) {
	dir := programs(t, map[string]string{"ok": "0"})
	b := browser.New(in(map[string]string{"BROWSER": "ok"}))
	for _, address := range []string{
		"", "github.com", "http://github.com/login", "file:///etc/passwd", "javascript:alert(1)", "ftp://github.com",
		"https://me:secret@github.com", "https:///login", "https://github.com/\x1b[31m", "https://github.com/ --version", "-https://github.com",
		`https://github.com\@evil.example`, `https://github.com/a\b`, `\\github.com\share`, "https://-github.com/", "https://0x7f.1/",
		"https://github.com/" + strings.Repeat("a", 2000), "search-ms:query=x", "https:github.com", "//github.com/login", `C:\calc.exe`,
	} {
		if err := b.Open(context.Background(), address); !errors.Is(err, browser.ErrAddress) {
			t.Errorf("%q: %v", address, err)
		}
	}
	if got := opened(t, dir, "ok"); got != nil {
		t.Errorf("a program was given %q", got)
	}
	for _, address := range []string{page, "http://127.0.0.1:8080/x", "http://localhost/x", "http://[::1]:80/x"} {
		if err := b.Open(context.Background(), address); err != nil {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestWhatIsOpenedIsTheAddressWrittenAnew(t *testing.T) {
	dir := programs(t, map[string]string{"ok": "0"})
	b := browser.New(in(map[string]string{"BROWSER": "ok"}))
	for given, want := range map[string]string{
		"HTTPS://github.com/login?a='b'": "https://github.com/login?a='b'",
		"https://github.com/a|b?c<d>":    "https://github.com/a%7Cb?c<d>",
		"https://github.com/#":           "https://github.com/",
	} {
		if err := b.Open(context.Background(), given); err != nil {
			t.Errorf("%q: %v", given, err)
		}
		if got := opened(t, dir, "ok"); len(got) != 1 || got[0] != want {
			t.Errorf("%q was opened as %q, want %q", given, got, want)
		}
	}
}

func TestWithoutADisplayNothingIsTried(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("other systems always have a display")
	}
	dir := programs(t, map[string]string{"xdg-open": "0"})
	if err := browser.New(in(nil)).Open(context.Background(), page); !errors.Is(err, browser.ErrNoWay) {
		t.Errorf("got %v", err)
	}
	if got := opened(t, dir, "xdg-open"); got != nil {
		t.Errorf("xdg-open was given %q", got)
	}
	if err := browser.New(in(map[string]string{"DISPLAY": ":0"})).Open(context.Background(), page); err != nil {
		t.Errorf("with a display: %v", err)
	}
	if got := opened(t, dir, "xdg-open"); len(got) != 1 || got[0] != page {
		t.Errorf("xdg-open was given %q", got)
	}
}
