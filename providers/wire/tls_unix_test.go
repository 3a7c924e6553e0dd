//go:build unix

package wire_test

import (
	"path/filepath"
	"syscall"
	"testing"

	"gitgrant/providers/cause"
	"gitgrant/providers/wire"
)

func TestAPipeInThePlaceOfACertificateIsNotWaitedFor(t *testing.T) {
	ours := newAuthority(t)
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		options wire.Options
		detail  string
	}{
		"of the authority": {wire.Options{CAFile: pipe}, "ca_file"},
		"of our own":       {wire.Options{ClientCert: pipe, ClientKey: ours.file}, "client_cert"},
		"its key":          {wire.Options{ClientCert: ours.file, ClientKey: pipe}, "client_cert"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := wire.New(test.options)
			wantCause(t, err, cause.Cause{Kind: cause.Profile, Detail: test.detail})
		})
	}
}
