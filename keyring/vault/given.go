package vault

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"

	"filippo.io/age"

	"gitgrant/keyring/durable"
	"gitgrant/keyring/secret"
)

const fileLimit = 64 << 10

// readIdentities reads the identity of a machine.
func readIdentities(path string) (seal, error) {
	data, err := readPrivate(path)
	if err != nil {
		return seal{}, err
	}
	identities, err := age.ParseIdentities(bytes.NewReader(data))
	if err != nil { // its text may quote the file
		return seal{}, fmt.Errorf("%s holds no age identity", path)
	}
	return seal{identities: identities}, nil
}

// readPassphrase reads the first line of a file.
func readPassphrase(path string) (seal, error) {
	data, err := readPrivate(path)
	if err != nil {
		return seal{}, err
	}
	line, _, _ := strings.Cut(string(data), "\n")
	line = strings.TrimSuffix(line, "\r")
	if line == "" {
		return seal{}, fmt.Errorf("%s is empty", path)
	}
	return seal{passphrase: secret.New(line)}, nil
}

// Exposed is the error for a passphrase or identity file that others can read.
type Exposed struct {
	Path string
	Mode fs.FileMode
}

func (e *Exposed) Error() string {
	return fmt.Sprintf("%s can be read by others (%04o): chmod 600 it", e.Path, e.Mode)
}

// readPrivate reads a file that only its owner may read. It may be a link or a
// pipe: it is the person's own, not one of ours.
func readPrivate(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if mode := info.Mode().Perm(); runtime.GOOS != "windows" && mode&0o077 != 0 {
		return nil, &Exposed{path, mode}
	}
	data, err := io.ReadAll(io.LimitReader(file, fileLimit+1))
	if err == nil && len(data) > fileLimit {
		err = &durable.Unsafe{Path: path, Fault: durable.TooLarge}
	}
	return data, err
}
