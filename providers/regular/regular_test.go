package regular_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"gitgrant/providers/regular"
)

func TestWhatIsNoFileOfItsKindIsRefused(t *testing.T) {
	dir := t.TempDir()
	for name, test := range map[string]struct {
		make func(path string) error
		want error
	}{
		"nothing":                 {func(string) error { return nil }, fs.ErrNotExist},
		"a folder":                {func(path string) error { return os.Mkdir(path, 0o700) }, regular.ErrOther},
		"a byte too much":         {func(path string) error { return os.WriteFile(path, make([]byte, regular.Limit+1), 0o600) }, regular.ErrTooLarge},
		"as much as there may be": {func(path string) error { return os.WriteFile(path, make([]byte, regular.Limit), 0o600) }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(dir, filepath.Base(t.Name()))
			if err := test.make(path); err != nil {
				t.Fatal(err)
			}
			_, err := regular.Read(path)
			var at *fs.PathError
			if !errors.Is(err, test.want) || err != nil && (!errors.As(err, &at) || at.Path != path) {
				t.Errorf("error is %v", err)
			}
		})
	}
}

func TestALinkIsFollowed(t *testing.T) {
	dir := t.TempDir()
	file, link := filepath.Join(dir, "file"), filepath.Join(dir, "link")
	if err := os.WriteFile(file, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(file, link); err != nil {
		t.Skip(err)
	}
	if data, err := regular.Read(link); err != nil || !bytes.Equal(data, []byte("text")) {
		t.Errorf("it reads %q, %v", data, err)
	}
}
