package hosts_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/gofrs/flock"
	"github.com/google/go-cmp/cmp"

	"gitgrant/providers/hosts"
)

// writerVariable makes the test program a writer of profiles: one of several
// processes that change the same file.
const writerVariable = "HOSTS_TEST_WRITER"

const perWriter = 10

func TestMain(m *testing.M) {
	if job := os.Getenv(writerVariable); job != "" {
		writeProfiles(job)
		return
	}
	os.Exit(m.Run())
}

func writeProfiles(job string) {
	name, dir, _ := strings.Cut(job, "|")
	b, err := hosts.Open(dir, known)
	for i := range perWriter {
		if err == nil {
			err = b.Set(hostNamed(fmt.Sprintf("%s-%d.example", name, i)))
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func open(t *testing.T, dir string) *hosts.Book {
	t.Helper()
	b, err := hosts.Open(dir, known)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestProcessesThatWriteAtOnceLoseNothing(t *testing.T) {
	dir := t.TempDir()
	var writers []*exec.Cmd
	for _, name := range []string{"a", "b", "c"} {
		writer := exec.Command(os.Args[0])
		writer.Env = append(os.Environ(), writerVariable+"="+name+"|"+dir)
		writer.Stderr = os.Stderr
		if err := writer.Start(); err != nil {
			t.Fatal(err)
		}
		writers = append(writers, writer)
	}
	for _, writer := range writers {
		if err := writer.Wait(); err != nil {
			t.Error(err)
		}
	}
	if got, want := len(open(t, dir).All()), len(writers)*perWriter; got != want {
		t.Errorf("%d profiles are there, %d were written", got, want)
	}
}

func TestAChangeKeepsWhatAnotherProcessWrote(t *testing.T) {
	dir := t.TempDir()
	first, second := open(t, dir), open(t, dir)
	if err := second.Set(hostNamed("second.example")); err != nil {
		t.Fatal(err)
	}
	if err := first.Set(hostNamed("first.example")); err != nil {
		t.Fatal(err)
	}
	for _, b := range []*hosts.Book{first, open(t, dir)} {
		if _, found := b.Find("https://second.example"); !found {
			t.Errorf("the other profile is lost:\n%s", b.Text())
		}
	}
}

func TestFilesArePrivateAndNothingElseIsLeft(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("windows has no such modes")
	}
	dir := filepath.Join(t.TempDir(), "new", "config")
	if err := open(t, dir).Set(hostNamed("ghe.example")); err != nil {
		t.Fatal(err)
	}
	modes := map[string]os.FileMode{}
	for _, path := range []string{dir, filepath.Dir(dir)} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		modes[filepath.Base(path)] = info.Mode().Perm()
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		info, err := file.Info()
		if err != nil {
			t.Fatal(err)
		}
		modes[file.Name()] = info.Mode().Perm()
	}
	want := map[string]os.FileMode{"new": 0o700, "config": 0o700, "hosts.yaml": 0o600, "hosts.yaml.lock": 0o600}
	if diff := cmp.Diff(want, modes); diff != "" {
		t.Error(diff)
	}
}

func TestAFileThatSomebodyBrokeMeanwhileIsNotOverwritten(t *testing.T) {
	dir := t.TempDir()
	b := open(t, dir)
	path := filepath.Join(dir, hosts.FileName)
	broken := "hosts:\n- host: [\n"
	if err := os.WriteFile(path, []byte(broken), 0o600); err != nil {
		t.Fatal(err)
	}
	err := b.Set(hostNamed("ghe.example"))
	var wrong *hosts.FileError
	if !errors.As(err, &wrong) || wrong.File != path || wrong.Line != 2 {
		t.Errorf("error is %v", err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != broken {
		t.Errorf("the file is now %q %v", got, err)
	}
}

func TestAFileThatIsALinkStaysOne(t *testing.T) {
	dir, elsewhere := t.TempDir(), filepath.Join(t.TempDir(), "dotfiles.yaml")
	if err := os.WriteFile(elsewhere, []byte("# mine\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, hosts.FileName)
	if err := os.Symlink(elsewhere, link); err != nil {
		t.Skip(err)
	}
	if err := open(t, dir).Set(hostNamed("ghe.example")); err != nil {
		t.Fatal(err)
	}
	if target, err := os.Readlink(link); err != nil || target != elsewhere {
		t.Errorf("the link is now %q %v", target, err)
	}
	text, err := os.ReadFile(elsewhere)
	if err != nil || !strings.HasPrefix(string(text), "# mine\n") || !strings.Contains(string(text), "ghe.example") {
		t.Errorf("the file is now %q %v", text, err)
	}
}

func TestAFileOfAnySizeIsReadNoFurtherThanItMayBeLong(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, hosts.FileName)
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 1<<40); err != nil { // takes no room where there may be holes
		t.Skip(err)
	}
	_, err := hosts.Open(dir, known)
	var wrong *hosts.FileError
	if !errors.As(err, &wrong) || *wrong != (hosts.FileError{File: path, Problem: hosts.TooLarge}) {
		t.Errorf("error is %v", err)
	}
}

func TestALockThatIsNeverReleasedHoldsUpWhoeverChangesAlone(t *testing.T) {
	dir := t.TempDir()
	b := open(t, dir)
	held := flock.New(filepath.Join(dir, hosts.FileName+".lock"))
	if taken, err := held.TryLock(); !taken || err != nil {
		t.Fatal(taken, err)
	}
	t.Cleanup(func() { _ = held.Close() })
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan error, 1)
		go func() { ended <- b.Set(hostNamed("ghe.example")) }()
		synctest.Wait() // until it sleeps between two tries
		if all := b.All(); len(all) > 0 {
			t.Errorf("there is %v", all)
		}
		select {
		case err := <-ended:
			t.Fatalf("nobody could look anything up before it ended: %v", err)
		default:
		}
		if err := <-ended; !errors.Is(err, hosts.ErrBusy) {
			t.Errorf("error is %v", err)
		}
	})
}

func TestAFolderThatCannotBeMadeIsAnError(t *testing.T) {
	parent := filepath.Join(t.TempDir(), "parent")
	b := open(t, filepath.Join(parent, "config"))
	if err := os.WriteFile(parent, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := b.Set(hostNamed("ghe.example")); err == nil {
		t.Error("no error")
	}
	if got := b.All(); got != nil {
		t.Errorf("the book says that %v is there", got)
	}
}
