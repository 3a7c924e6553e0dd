package clipboard_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"gitgrant/ui/clipboard"
)

// tools puts programs into a folder that is the whole PATH. Each keeps what it
// is told and exits with the given code.
func tools(t *testing.T, codes map[string]string) (dir string) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("the tools are those of Linux")
	}
	cat, err := os.ReadFile("/bin/cat")
	if err != nil {
		t.Skip("no cat to make tools of")
	}
	dir = t.TempDir()
	write := func(name string, content []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	write("cat", cat)
	for name, code := range codes {
		write(name, []byte("#!/bin/sh\ncat > \"$0.got\"\nexit "+code+"\n"))
	}
	t.Setenv("PATH", dir)
	return dir
}

func TestTheFirstToolThatTakesATextIsEnough(t *testing.T) {
	wayland, x11 := map[string]string{"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}, map[string]string{"DISPLAY": ":0"}
	for name, test := range map[string]struct {
		env   map[string]string
		codes map[string]string
		by    string
	}{
		"Wayland's own":                    {wayland, map[string]string{"wl-copy": "0", "xclip": "0"}, "wl-copy"},
		"one of X11 where Wayland's fails": {wayland, map[string]string{"wl-copy": "1", "xclip": "0"}, "xclip"},
		"the second of X11":                {x11, map[string]string{"xsel": "0"}, "xsel"},
		"Wayland's is not tried under X11": {x11, map[string]string{"wl-copy": "0", "xclip": "0"}, "xclip"},
		"none without a display":           {nil, map[string]string{"wl-copy": "0", "xclip": "0"}, ""},
		"none where nothing is installed":  {x11, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := tools(t, test.codes)
			sure := clipboard.New(func(name string) string { return test.env[name] }).Put(context.Background(), "WDJB-MJHT")
			if sure != (test.by != "") {
				t.Errorf("it says %t", sure)
			}
			if test.by == "" {
				return
			}
			got, err := os.ReadFile(filepath.Join(dir, test.by+".got"))
			if err != nil || string(got) != "WDJB-MJHT" {
				t.Errorf("%s got %q, %v", test.by, got, err)
			}
		})
	}
}
