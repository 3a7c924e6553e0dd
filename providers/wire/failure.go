package wire

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"gitgrant/providers/cause"
	"gitgrant/providers/regular"
)

// transport speaks HTTP/1.1 alone. A handful of small answers has nothing to gain
// from HTTP/2, which every host also does without; its frames and tables would be
// one more thing that a hostile host can play with, and half a megabyte of program.
func transport(o Options) (*http.Transport, error) {
	var spoken http.Protocols
	spoken.SetHTTP1(true)
	dialer := &net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}
	t := &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		ProxyConnectHeader:     http.Header{"User-Agent": {o.UserAgent}},
		DialContext:            dialer.DialContext,
		Protocols:              &spoken,
		MaxIdleConns:           64,
		MaxIdleConnsPerHost:    16, // as many as are asked at once, or each would be dialled anew
		MaxConnsPerHost:        64,
		IdleConnTimeout:        60 * time.Second,
		TLSHandshakeTimeout:    5 * time.Second,
		ResponseHeaderTimeout:  10 * time.Second,
		MaxResponseHeaderBytes: maxHeaders,
		OnProxyConnectResponse: proxyAnswer,
	}
	if o.Proxy != "" {
		proxy, err := url.Parse(o.Proxy)
		if err != nil || proxy.Host == "" {
			return nil, cause.Cause{Kind: cause.Profile, Detail: "proxy"}
		}
		t.Proxy = through(proxy)
	}
	if o.CAFile == "" && o.ClientCert == "" {
		return t, nil
	}
	config, err := tlsConfig(o)
	if err != nil {
		return nil, err
	}
	t.TLSClientConfig = config
	return t, nil
}

// through is the one proxy of a profile. Only this machine is spoken with over
// http, and no other one is to read along.
func through(proxy *url.URL) func(*http.Request) (*url.URL, error) {
	return func(r *http.Request) (*url.URL, error) {
		if r.URL.Scheme == "http" {
			return nil, nil
		}
		// A profile is for everybody to read. The name and password for its proxy
		// are a person's own, and come from the environment.
		named, err := http.ProxyFromEnvironment(r)
		if err == nil && named != nil && named.User != nil && named.Scheme == proxy.Scheme && named.Host == proxy.Host {
			return named, nil
		}
		return proxy, nil
	}
}

func tlsConfig(o Options) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if o.CAFile != "" {
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool()
		}
		pem, err := regular.Read(o.CAFile)
		if err != nil || !pool.AppendCertsFromPEM(pem) {
			return nil, cause.Cause{Kind: cause.Profile, Detail: "ca_file"}
		}
		config.RootCAs = pool
	}
	if o.ClientCert != "" {
		pair, err := keyPair(o.ClientCert, o.ClientKey)
		if err != nil {
			return nil, cause.Cause{Kind: cause.Profile, Detail: "client_cert"}
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

func keyPair(certFile, keyFile string) (tls.Certificate, error) {
	cert, err := regular.Read(certFile)
	if err != nil {
		return tls.Certificate{}, err
	}
	key, err := regular.Read(keyFile)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.X509KeyPair(cert, key)
}

// proxyRefusal is a proxy that answered, with this status, and will not connect.
type proxyRefusal int

func (proxyRefusal) Error() string { return "the proxy refuses to connect" }

// proxyAnswer looks at the status, since the words beside it are the proxy's own.
func proxyAnswer(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode != http.StatusOK {
		return proxyRefusal(answer.StatusCode)
	}
	return nil
}

// explain turns a failed exchange into its Cause. Library texts are not passed
// on: they quote addresses.
func (c *Client) explain(req *http.Request, err error) error {
	if errors.Is(req.Context().Err(), context.Canceled) {
		return context.Canceled
	}
	why := cause.Cause{Kind: failureKind(err), Host: req.URL.Host}
	if why.Kind == cause.ProxyRefused {
		why.Detail = c.proxyOf(req)
		var refused proxyRefusal
		if errors.As(err, &refused) {
			why.Status = int(refused)
		}
	}
	return why
}

// proxyOf names the proxy on the way, without what is said to it.
func (c *Client) proxyOf(req *http.Request) string {
	proxy, err := c.transport.Proxy(req)
	if err != nil || proxy == nil {
		return ""
	}
	return Clean(proxy.Host)
}

func failureKind(err error) cause.Kind {
	var dns *net.DNSError
	var op *net.OpError
	var timeout interface{ Timeout() bool }
	var refused proxyRefusal
	onTheWay := errors.As(err, &op) && (op.Op == "proxyconnect" || op.Op == "socks connect")
	if onTheWay || errors.As(err, &refused) {
		return cause.ProxyRefused
	}
	if kind, ok := tlsKind(err); ok {
		return kind
	}
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return cause.NoSuchName
	case errors.As(err, &timeout) && timeout.Timeout():
		return cause.NoAnswer
	case errors.As(err, &dns):
		return cause.NoNameService
	case errors.As(err, &op) && op.Op == "dial":
		return cause.NoConnection
	case strings.Contains(err.Error(), "server response headers exceeded"):
		return cause.TooLarge
	default:
		return cause.Broken
	}
}

func tlsKind(err error) (cause.Kind, bool) {
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var verify *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var op *net.OpError
	switch {
	case errors.As(err, &unknown):
		return cause.UnknownIssuer, true
	case errors.As(err, &name):
		return cause.WrongName, true
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		// The library says "expired" for both ends of a certificate's life.
		if time.Now().Before(invalid.Cert.NotBefore) {
			return cause.CertTooEarly, true
		}
		return cause.CertExpired, true
	case errors.As(err, &invalid), errors.As(err, &verify), errors.As(err, &record):
		return cause.TLS, true
	case errors.As(err, &op) && op.Op == "remote error" && aboutOurs(op.Err):
		return cause.NoClientCert, true
	case errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error"):
		return cause.TLS, true // an alert, sent by either side
	default:
		return "", false
	}
}

// aboutOurs reports whether an alert of the other side is about the certificate
// that it wants of us. The library gives alerts no type, only texts.
func aboutOurs(alert error) bool {
	switch alert.Error() {
	case "tls: certificate required", "tls: bad certificate", "tls: unsupported certificate", "tls: revoked certificate",
		"tls: expired certificate", "tls: unknown certificate", "tls: unknown certificate authority":
		return true
	default:
		return false
	}
}
