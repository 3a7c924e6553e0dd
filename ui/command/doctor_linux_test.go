package command_test

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// finding is one line of the report of doctor.
type finding struct{ Check, State, Found, Remedy string }

func (h *home) doctor(dataDir string, env ...string) (findings map[string]finding, code int) {
	h.t.Helper()
	cmd := exec.Command(program(h.t), "doctor", "-o", "json", "--data-dir", dataDir)
	cmd.Env = h.env(env...)
	out, err := cmd.Output()
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		code = ended.ExitCode()
	}
	var report struct{ Findings []finding }
	if err := json.Unmarshal(out, &report); err != nil {
		h.t.Fatalf("%v: %s", err, out)
	}
	findings = map[string]finding{}
	for _, f := range report.Findings {
		findings[f.Check] = f
	}
	return findings, code
}

func TestDoctorSaysThatNothingIsStoredInADataFolderThatTakesNothing(t *testing.T) {
	for name, test := range map[string]struct {
		prepare func(t *testing.T, dir string)
		why     string
		remedy  string
	}{
		"on a full disk": {func(t *testing.T, dir string) {
			mount(t, dir)
			filling, err := os.Create(filepath.Join(dir, "filling"))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := filling.Write(make([]byte, 1<<20)); !errors.Is(err, syscall.ENOSPC) {
				t.Fatalf("it is not full: %v", err)
			}
			_ = filling.Close()
		}, "no space left on device", "Make room"},
		"on a full disk, where it is yet to be made": {func(t *testing.T, dir string) {
			above := filepath.Dir(dir)
			mount(t, above)
			_ = os.WriteFile(filepath.Join(above, "filling"), make([]byte, 1<<20), 0o600)
		}, "no space left on device", "Make room"},
		"on a disk that is only read": {func(t *testing.T, dir string) {
			mount(t, dir)
			if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
				t.Fatal(err)
			}
		}, "read-only file system", "name another"},
		"without the right to write there": {func(t *testing.T, dir string) {
			if os.Geteuid() == 0 {
				t.Skip("root may write anywhere: run the tests as another user to see this")
			}
			folder(t, dir, 0o500)
		}, "permission denied", "name another"},
		"where everybody may write": {func(t *testing.T, dir string) {
			folder(t, dir, 0o777|os.ModeSticky)
		}, "Everybody may write to this folder", "name another folder"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHome(t)
			dir := h.path("disk/data")
			test.prepare(t, dir)
			before := listing(t, h.path("disk"))
			found, code := h.doctor(dir)
			if code != 1 {
				t.Errorf("the exit code is %d", code)
			}
			if f := found["folders"]; f.State != "trouble" || !strings.Contains(f.Found, test.why) || !strings.Contains(f.Remedy, test.remedy) {
				t.Errorf("of the folder it says %+v", f)
			}
			if f := found["storing"]; f.State != "trouble" || !strings.Contains(f.Found, "No token can be stored here.") || f.Remedy == "" {
				t.Errorf("of storing it says %+v", f)
			}
			if after := listing(t, h.path("disk")); after != before {
				t.Errorf("it left %q of %q", after, before)
			}
			if found, code := h.doctor(dir, "GITGRANT_STORE=memory"); code != 0 || found["storing"].State != "fine" {
				t.Errorf("the memory takes nothing: %d, %+v", code, found["storing"])
			}
		})
	}
}

func TestDoctorLeavesAFolderAsOpenAsItIs(t *testing.T) {
	h := newHome(t)
	dir := h.path("data")
	folder(t, dir, 0o755)
	found, code := h.doctor(dir)
	info, err := os.Stat(dir)
	if err != nil || code != 0 || found["folders"].State != "fine" || info.Mode().Perm() != 0o755 {
		t.Errorf("%d, %+v, the mode is %v, %v", code, found["folders"], info.Mode(), err)
	}
}

// mount puts a disk of 128 KB at dir.
func mount(t *testing.T, dir string) {
	t.Helper()
	folder(t, dir, 0o700)
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=128k,mode=0700"); err != nil {
		t.Skipf("only root can mount a disk, and not in every container: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
}

// folder makes one of a mode.
func folder(t *testing.T, dir string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, mode); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o700) })
}

// listing is every file below a folder, with its mode.
func listing(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err == nil {
			b.WriteString(path + " " + info.Mode().String() + "\n")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}
