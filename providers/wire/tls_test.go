package wire_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"io/fs"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"gitgrant/providers/cause"
	"gitgrant/providers/wire"
)

// authority signs certificates for a test.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string // its certificate as PEM
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t}
	template := &x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	a.cert, a.key = a.sign(template)
	a.file = pemFile(t, "CERTIFICATE", a.cert.Raw)
	return a
}

func (a *authority) sign(template *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	template.Subject = pkix.Name{CommonName: "gitgrant test"}
	if template.NotBefore.IsZero() {
		template.NotBefore = time.Now().Add(-time.Hour)
	}
	if template.NotAfter.IsZero() {
		template.NotAfter = time.Now().Add(time.Hour)
	}
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = template, key
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		a.t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(raw)
	if err != nil {
		a.t.Fatal(err)
	}
	return cert, key
}

func (a *authority) pair(template *x509.Certificate) tls.Certificate {
	cert, key := a.sign(template)
	return tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key}
}

// forLoopback is a certificate for the address that test servers have.
func forLoopback() *x509.Certificate {
	return &x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
}

func (a *authority) serve(config *tls.Config, handler http.HandlerFunc) *httptest.Server {
	a.t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.TLS = config
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes are meant to fail
	server.StartTLS()
	a.t.Cleanup(server.Close)
	return server
}

func pemFile(t *testing.T, kind string, raw []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), strings.ReplaceAll(kind, " ", "-")+".pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestACertificateThatIsNotGoodIsRefusedWithItsCause(t *testing.T) {
	ours, theirs := newAuthority(t), newAuthority(t)
	expired, early, foreign, notOurs := forLoopback(), forLoopback(), forLoopback(), forLoopback()
	expired.NotBefore, expired.NotAfter = time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour)
	early.NotBefore, early.NotAfter = time.Now().Add(time.Hour), time.Now().Add(2*time.Hour)
	foreign.IPAddresses, foreign.DNSNames = nil, []string{"github.com"}
	notOurs.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}

	for name, test := range map[string]struct {
		config *tls.Config
		want   cause.Kind
	}{
		"an unknown authority":        {&tls.Config{Certificates: []tls.Certificate{theirs.pair(forLoopback())}}, cause.UnknownIssuer},
		"another name":                {&tls.Config{Certificates: []tls.Certificate{ours.pair(foreign)}}, cause.WrongName},
		"an end that has passed":      {&tls.Config{Certificates: []tls.Certificate{ours.pair(expired)}}, cause.CertExpired},
		"a beginning that is to come": {&tls.Config{Certificates: []tls.Certificate{ours.pair(early)}}, cause.CertTooEarly},
		"another use":                 {&tls.Config{Certificates: []tls.Certificate{ours.pair(notOurs)}}, cause.TLS},
		"an old version":              {&tls.Config{Certificates: []tls.Certificate{ours.pair(forLoopback())}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, cause.TLS},
		"a certificate asked of us":   {&tls.Config{Certificates: []tls.Certificate{ours.pair(forLoopback())}, ClientAuth: tls.RequireAnyClientCert}, cause.NoClientCert},
		"the same before 1.3":         {&tls.Config{Certificates: []tls.Certificate{ours.pair(forLoopback())}, ClientAuth: tls.RequireAnyClientCert, MaxVersion: tls.VersionTLS12}, cause.TLS},
	} {
		t.Run(name, func(t *testing.T) {
			var asked atomic.Int32
			server := ours.serve(test.config, func(http.ResponseWriter, *http.Request) { asked.Add(1) })
			c := client(t, wire.Options{Bases: []string{server.URL}, CAFile: ours.file})
			_, err := c.Do(t.Context(), wire.Request{URL: server.URL, Auth: auth()})
			wantCause(t, err, cause.Cause{Kind: test.want, Host: server.Listener.Addr().String()})
			if asked.Load() != 0 {
				t.Error("the host was asked")
			}
		})
	}
}

func TestWithoutAFileOfOurOwnAPrivateAuthorityIsUnknown(t *testing.T) {
	server := newAuthority(t).serve(nil, func(http.ResponseWriter, *http.Request) {})
	c := client(t, wire.Options{Bases: []string{server.URL}})
	_, err := c.Do(t.Context(), wire.Request{URL: server.URL, Auth: auth()})
	wantCause(t, err, cause.Cause{Kind: cause.UnknownIssuer, Host: server.Listener.Addr().String()})
}

func TestPlainHTTPOnAPortForHTTPSIsAProblemOfTLS(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	base := "https://" + server.Listener.Addr().String()
	c := client(t, wire.Options{Bases: []string{base}})
	_, err := c.Do(t.Context(), wire.Request{URL: base, Auth: auth()})
	wantCause(t, err, cause.Cause{Kind: cause.TLS, Host: server.Listener.Addr().String()})
}

func TestTheFilesOfAProfileAreUsed(t *testing.T) {
	ours := newAuthority(t)
	clients := x509.NewCertPool()
	clients.AddCert(ours.cert)
	mine := &x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	cert, key := ours.sign(mine)
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	options := wire.Options{
		CAFile:     ours.file,
		ClientCert: pemFile(t, "CERTIFICATE", cert.Raw),
		ClientKey:  pemFile(t, "PRIVATE KEY", raw),
	}
	for name, offered := range map[string]bool{"where HTTP/2 is not offered": false, "where it is": true} {
		t.Run(name, func(t *testing.T) {
			var protocol, presented string
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				protocol, presented = r.Proto, r.TLS.PeerCertificates[0].Subject.CommonName
			}))
			server.TLS = &tls.Config{Certificates: []tls.Certificate{ours.pair(forLoopback())}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients}
			server.EnableHTTP2 = offered
			server.StartTLS()
			defer server.Close()
			options.Bases = []string{server.URL}
			a, err := client(t, options).Do(t.Context(), wire.Request{URL: server.URL, Auth: auth()})
			if err != nil || a.Status != http.StatusOK {
				t.Fatal(a.Status, err)
			}
			if presented != "gitgrant test" || protocol != "HTTP/1.1" {
				t.Errorf("%q over %s", presented, protocol)
			}
		})
	}
}

func TestAProfileThatCannotBeUsedSaysWhichPart(t *testing.T) {
	ours := newAuthority(t)
	garbage := filepath.Join(t.TempDir(), "garbage.pem")
	if err := os.WriteFile(garbage, []byte("-----BEGIN CERTIFICATE-----\nnothing\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		options wire.Options
		detail  string
	}{
		"no CA file":                {wire.Options{CAFile: garbage + ".gone"}, "ca_file"},
		"a CA file without any":     {wire.Options{CAFile: garbage}, "ca_file"},
		"no certificate":            {wire.Options{ClientCert: garbage + ".gone", ClientKey: garbage}, "client_cert"},
		"a certificate without key": {wire.Options{ClientCert: ours.file}, "client_cert"},
		"a proxy that is none":      {wire.Options{Proxy: "proxy"}, "proxy"},
		"a proxy that is broken":    {wire.Options{Proxy: "http://me:hunter2@%zz"}, "proxy"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := wire.New(test.options)
			wantCause(t, err, cause.Cause{Kind: cause.Profile, Detail: test.detail})
		})
	}
}

// A certificate that is not good is never accepted: the library's own switch for
// that occurs in no source of the program.
func TestNoSwitchTurnsVerificationOff(t *testing.T) {
	read := 0
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && d.Name() == "node_modules" {
			return filepath.SkipDir
		}
		if filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		source, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(source), "InsecureSkipVerify") {
			t.Errorf("%s turns the verification of certificates off", path)
		}
		read++
		return err
	})
	if err != nil || read < 50 {
		t.Errorf("%d sources were read, %v", read, err)
	}
}
