package durable_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"

	"gitgrant/keyring/durable"
)

func TestAShelfGivesBackWhatWasWritten(t *testing.T) {
	for name, shelf := range map[string]durable.Shelf{
		"on disk":   durable.In(filepath.Join(t.TempDir(), "new", "folder")),
		"in memory": durable.InMemory(),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := shelf.Read("file"); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("what was never written gives %v", err)
			}
			for _, text := range []string{"former, and longer", "latter", ""} {
				write(t, shelf, "file", text)
				holds(t, shelf, "file", text)
			}
		})
	}
}

func TestWhatCouldNotBeReadAgainIsNotWritten(t *testing.T) {
	shelf := durable.In(t.TempDir())
	write(t, shelf, "file", "what was there")
	var unsafe *durable.Unsafe
	if err := shelf.Write("file", make([]byte, 128<<20+1)); !errors.As(err, &unsafe) || unsafe.Fault != durable.TooLarge {
		t.Errorf("it says %v", err)
	}
	holds(t, shelf, "file", "what was there")
}

func TestALockIsHeldByOne(t *testing.T) {
	dir := t.TempDir()
	memory := durable.InMemory()
	for name, shelves := range map[string][2]durable.Shelf{
		"on disk":   {durable.In(dir), durable.In(dir)},
		"in memory": {memory, memory},
	} {
		t.Run(name, func(t *testing.T) {
			release, err := shelves[0].Lock(t.Context(), "locks/one")
			if err != nil {
				t.Fatal(err)
			}
			if _, taken, err := shelves[1].TryLock("locks/one"); taken || err != nil {
				t.Errorf("a second one took it: %v, %v", taken, err)
			}
			ended, cancel := context.WithCancel(t.Context())
			cancel()
			if _, err := shelves[1].Lock(ended, "locks/one"); !errors.Is(err, context.Canceled) {
				t.Errorf("waiting for it gives %v", err)
			}
			other, taken, err := shelves[1].TryLock("locks/two")
			if err != nil || !taken {
				t.Fatalf("another lock is taken too: %v", err)
			}
			other()
			release()
			release, err = shelves[1].Lock(t.Context(), "locks/one")
			if err != nil {
				t.Fatal(err)
			}
			release()
		})
	}
}

func TestALockIsSharedByThoseWhoShare(t *testing.T) {
	dir := t.TempDir()
	memory := durable.InMemory()
	for name, shelves := range map[string][2]durable.Shelf{
		"on disk":   {durable.In(dir), durable.In(dir)},
		"in memory": {memory, memory},
	} {
		t.Run(name, func(t *testing.T) {
			var releases []func()
			for _, shelf := range shelves {
				release, taken, err := shelf.TryShare("one")
				if err != nil || !taken {
					t.Fatalf("taken: %v, %v", taken, err)
				}
				releases = append(releases, release)
			}
			for _, release := range releases {
				if _, taken, err := shelves[0].TryLock("one"); taken || err != nil {
					t.Errorf("one who does not share took it: %v, %v", taken, err)
				}
				release()
			}
			release, taken, err := shelves[0].TryLock("one")
			if err != nil || !taken {
				t.Fatalf("taken: %v, %v", taken, err)
			}
			if _, taken, err := shelves[1].TryShare("one"); taken || err != nil {
				t.Errorf("shared with one who does not share: %v, %v", taken, err)
			}
			release()
		})
	}
}

func TestALockThatIsNeverGivenBackIsNotWaitedForForever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shelf := durable.InMemory()
		release, err := shelf.Lock(t.Context(), "one")
		if err != nil {
			t.Fatal(err)
		}
		defer release()
		if _, err := shelf.Lock(t.Context(), "one"); !errors.Is(err, durable.ErrBusy) {
			t.Errorf("got %v", err)
		}
	})
}

func TestWhatACrashLeftBehindIsReplaced(t *testing.T) {
	dir := t.TempDir()
	shelf := durable.In(dir)
	write(t, shelf, "file", "former")
	if err := os.WriteFile(filepath.Join(dir, ".file.tmp"), []byte("half of what was to "), 0o400); err != nil {
		t.Fatal(err)
	}
	holds(t, shelf, "file", "former")
	write(t, shelf, "file", "latter")
	holds(t, shelf, "file", "latter")
	if names := names(t, dir); !slices.Equal(names, []string{"file"}) {
		t.Errorf("the folder holds %q", names)
	}
}

func TestAFolderThatCannotBeMadeIsAnError(t *testing.T) {
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := durable.In(filepath.Join(blocked, "folder")).Write("file", nil); err == nil {
		t.Error("it was written")
	}
	if err := durable.In(blocked).Write("file", nil); err == nil {
		t.Error("it was written")
	}
}

func write(t *testing.T, shelf durable.Shelf, name, text string) {
	t.Helper()
	if err := shelf.Write(name, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

func holds(t *testing.T, shelf durable.Shelf, name, want string) {
	t.Helper()
	got, err := shelf.Read(name)
	if err != nil || string(got) != want {
		t.Errorf("%s is %q, %v; want %q", name, got, err, want)
	}
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}
