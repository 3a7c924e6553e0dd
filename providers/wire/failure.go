package wire

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"gitgrant/providers/cause"
)

func transport(o Options) (*http.Transport, error) {
	dialer := &net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}
	t := &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           64,
		MaxIdleConnsPerHost:    8,
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
		t.Proxy = http.ProxyURL(proxy)
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

func tlsConfig(o Options) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if o.CAFile != "" {
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool()
		}
		pem, err := os.ReadFile(o.CAFile)
		if err != nil || !pool.AppendCertsFromPEM(pem) {
			return nil, cause.Cause{Kind: cause.Profile, Detail: "ca_file"}
		}
		config.RootCAs = pool
	}
	if o.ClientCert != "" {
		pair, err := tls.LoadX509KeyPair(o.ClientCert, o.ClientKey)
		if err != nil {
			return nil, cause.Cause{Kind: cause.Profile, Detail: "client_cert"}
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

// errProxy is a proxy that answered and will not connect.
var errProxy = errors.New("the proxy refuses to connect")

// proxyAnswer looks at the status, since the words beside it are the proxy's own.
func proxyAnswer(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode != http.StatusOK {
		return errProxy
	}
	return nil
}

// explain turns a failed exchange into its Cause. Library texts are not passed
// on: they quote addresses.
func explain(ctx context.Context, host string, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return context.Canceled
	}
	return cause.Cause{Kind: failureKind(err), Host: host}
}

func failureKind(err error) cause.Kind {
	var dns *net.DNSError
	var op *net.OpError
	var timeout interface{ Timeout() bool }
	onTheWay := errors.As(err, &op) && (op.Op == "proxyconnect" || op.Op == "socks connect")
	if onTheWay || errors.Is(err, errProxy) {
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
		return cause.TooLarge // HTTP/1 alone: HTTP/2 just ends the connection
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
	case errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error"):
		return cause.TLS, true // an alert, sent by either side
	default:
		return "", false
	}
}
