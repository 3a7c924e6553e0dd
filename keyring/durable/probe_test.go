package durable_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"gitgrant/keyring/durable"
)

func TestAProbeLeavesEverythingAsItWas(t *testing.T) {
	dir := t.TempDir()
	for name, folder := range map[string]string{"a folder that is there": dir, "one that could be made": filepath.Join(dir, "new", "folder")} {
		t.Run(name, func(t *testing.T) {
			if err := durable.In(folder).Probe(); err != nil {
				t.Error(err)
			}
			if left := names(t, dir); len(left) > 0 {
				t.Errorf("it left %q", left)
			}
		})
	}
}

func TestAProbeFindsAFolderThatCannotBeUsed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var unsafe *durable.Unsafe
	if err := durable.In(file).Probe(); !errors.As(err, &unsafe) || unsafe.Fault != durable.NotAFolder {
		t.Errorf("a file in its place gives %v", err)
	}
	below := filepath.Join(file, "folder")
	var path *fs.PathError
	if err := durable.In(below).Probe(); !errors.As(err, &path) || path.Path != below {
		t.Errorf("a file above it gives %v", err)
	}
}
