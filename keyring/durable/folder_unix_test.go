//go:build unix

package durable_test

import (
	"errors"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gitgrant/keyring/durable"
)

func TestFilesArePrivateWhateverTheUmask(t *testing.T) {
	for _, umask := range []int{0o000, 0o077, 0o777} {
		dir := filepath.Join(t.TempDir(), "folder")
		shelf := durable.In(dir)
		former := syscall.Umask(umask &^ 0o700) // a folder that its owner may not enter is of no use
		release, err := shelf.Lock(t.Context(), "one")
		if err == nil {
			release()
			_ = syscall.Umask(umask)
			err = shelf.Write("file", nil)
		}
		_ = syscall.Umask(former)
		if err != nil {
			t.Fatalf("umask %04o: %v", umask, err)
		}
		for path, want := range map[string]fs.FileMode{dir: 0o700, filepath.Join(dir, "file"): 0o600, filepath.Join(dir, "one.lock"): 0o600} {
			if got := mode(t, path); got != want {
				t.Errorf("umask %04o: %s is %04o", umask, filepath.Base(path), got)
			}
		}
	}
}

func TestWhatIsTooOpenIsTightenedWithANotice(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "folder")
	path := filepath.Join(dir, "file")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	chmod(t, path, 0o644)
	chmod(t, dir, 0o755)
	shelf := durable.In(dir)
	holds(t, shelf, "file", "text")
	write(t, shelf, "file", "other")
	if mode(t, path) != 0o600 || mode(t, dir) != 0o700 {
		t.Errorf("the modes are %04o in %04o", mode(t, path), mode(t, dir))
	}
	want := []durable.Notice{{Path: path, Mode: 0o644}, {Path: dir, Mode: 0o755}}
	if diff := cmp.Diff(want, shelf.Notices()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWhatIsNotOursIsRefusedAndLeftAlone(t *testing.T) {
	for name, test := range map[string]struct {
		prepare func(t *testing.T, path string)
		fault   durable.Fault
	}{
		"a symbolic link": {func(t *testing.T, path string) {
			target := filepath.Join(t.TempDir(), "target")
			if err := os.WriteFile(target, []byte("text"), 0o644); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(target, path); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if text, err := os.ReadFile(target); err != nil || string(text) != "text" {
					t.Errorf("its target is %q, %v", text, err)
				}
			})
		}, durable.SymbolicLink},
		"a folder": {func(t *testing.T, path string) {
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
		}, durable.NotRegular},
		"a file of somebody else": {func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte("text"), 0o644); err != nil {
				t.Fatal(err)
			}
			giveAway(t, path)
		}, durable.ForeignOwner},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "file")
			test.prepare(t, path)
			before := mode(t, path)
			shelf := durable.In(dir)
			_, err := shelf.Read("file")
			refused(t, err, path, test.fault)
			refused(t, shelf.Write("file", []byte("other")), path, test.fault)
			if after := mode(t, path); after != before {
				t.Errorf("its mode went from %04o to %04o", before, after)
			}
		})
	}
}

func TestAFolderThatIsNotOursIsRefused(t *testing.T) {
	t.Run("one of somebody else", func(t *testing.T) {
		dir := t.TempDir()
		giveAway(t, dir)
		refused(t, durable.In(dir).Write("file", nil), dir, durable.ForeignOwner)
	})
	t.Run("one for everybody", func(t *testing.T) {
		dir := t.TempDir()
		chmod(t, dir, 0o777|fs.ModeSticky)
		refused(t, durable.In(dir).Write("file", nil), dir, durable.SharedFolder)
	})
}

func TestAPlantedLockIsRefused(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "one.lock")
	if err := os.Symlink(filepath.Join(dir, "elsewhere"), path); err != nil {
		t.Fatal(err)
	}
	_, err := durable.In(dir).Lock(t.Context(), "one")
	refused(t, err, path, durable.SymbolicLink)
	_, _, err = durable.In(dir).TryLock("one")
	refused(t, err, path, durable.SymbolicLink)
}

func TestAReadOnlyFolderIsReadAndNotWritten(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may write anywhere: run the tests as another user to see this")
	}
	dir := t.TempDir()
	shelf := durable.In(dir)
	write(t, shelf, "file", "text")
	chmod(t, dir, 0o500)
	t.Cleanup(func() { chmod(t, dir, 0o700) })
	if err := shelf.Write("file", []byte("other")); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("writing gives %v", err)
	}
	holds(t, shelf, "file", "text")
}

// A limit on the size of files fails a write half way, as a full disk does.
func TestAFullDiskLeavesWhatWasThere(t *testing.T) {
	dir := t.TempDir()
	shelf := durable.In(dir)
	write(t, shelf, "file", "text")
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	full := limit
	full.Cur = 100
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &full); err != nil {
		t.Fatal(err)
	}
	err := shelf.Write("file", make([]byte, 10_000))
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	if !errors.Is(err, syscall.EFBIG) {
		t.Errorf("writing gives %v", err)
	}
	holds(t, shelf, "file", "text")
	if names := names(t, dir); !slices.Equal(names, []string{"file"}) {
		t.Errorf("the folder holds %q", names)
	}
}

func refused(t *testing.T, err error, path string, fault durable.Fault) {
	t.Helper()
	var unsafe *durable.Unsafe
	if !errors.As(err, &unsafe) || unsafe.Path != path || unsafe.Fault != fault {
		t.Errorf("got %v, want that %s %s", err, path, fault)
	}
}

func giveAway(t *testing.T, path string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can give a file away")
	}
	if err := os.Chown(path, 12345, 12345); err != nil {
		t.Fatal(err)
	}
}

func chmod(t *testing.T, path string, mode fs.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func mode(t *testing.T, path string) fs.FileMode {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode().Perm()
}
