// Package ghspec holds requests and answers against GitHub's own description
// of its API, cut to the operations that gitgrant uses.
//
// Rules of this package:
//
//   - It is for tests alone; nothing that ships imports it.
//   - The description tells bodies and parameters. It says nothing of
//     X-OAuth-Scopes or of the expiry header, so neither does this package.
//   - An operation outside the cut is an error: what the program asks for
//     stands in the cut, or is not asked for.
package ghspec

import (
	"bytes"
	"embed"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
)

// The package @octokit/openapi is unpacked into .cache first; see the README
// of testdata.
//
//go:generate go run ./cut ../../../.cache/package
//go:embed testdata/*.json
var descriptions embed.FS

// Spec is the description of one kind of GitHub.
type Spec struct {
	router routers.Router
}

// GitHub is the description of github.com's API, served below prefix, such as
// /github/api.
func GitHub(prefix string) (*Spec, error) { return load("api.github.com.json", prefix) }

// EnterpriseServer is the description of GitHub Enterprise Server 3.19,
// served below prefix, such as /ghes/api/v3.
func EnterpriseServer(prefix string) (*Spec, error) { return load("ghes-3.19.json", prefix) }

func load(name, prefix string) (*Spec, error) {
	text, err := descriptions.ReadFile("testdata/" + name)
	if err != nil {
		return nil, err
	}
	document, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	document.Servers = openapi3.Servers{{URL: prefix}}
	router, err := legacy.NewRouter(document)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &Spec{router: router}, nil
}

// options leave the credential to the host, and want every status described.
var options = &openapi3filter.Options{
	AuthenticationFunc:    openapi3filter.NoopAuthenticationFunc,
	IncludeResponseStatus: true,
}

// Check holds one request and its answer against the description.
func (s *Spec) Check(r *http.Request, status int, header http.Header, body []byte) error {
	asked := r.Clone(r.Context())
	if strings.HasSuffix(asked.URL.Path, "/contents/") {
		// The root of a repository is an empty {path}, which a router takes
		// for another address.
		asked.URL.Path += "."
	}
	route, parameters, err := s.router.FindRoute(asked)
	if err != nil {
		return fmt.Errorf("%s %s is not in the description: %w", r.Method, r.URL.Path, err)
	}
	input := &openapi3filter.RequestValidationInput{Request: asked, PathParams: parameters, Route: route, Options: options}
	if err := openapi3filter.ValidateRequest(r.Context(), input); err != nil {
		return fmt.Errorf("request %s %s: %w", r.Method, r.URL.Path, err)
	}
	err = openapi3filter.ValidateResponse(r.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: status, Header: header, Options: options,
		Body: io.NopCloser(bytes.NewReader(body)),
	})
	if err != nil {
		return fmt.Errorf("answer %d to %s %s: %w", status, r.Method, r.URL.Path, err)
	}
	return nil
}

// Hold serves next and reports every request and answer that the description
// does not know. It keeps answers in memory, so next must not answer without
// an end. Requests outside the prefix of the Spec belong elsewhere: leave them
// to another handler.
func (s *Spec) Hold(next http.Handler, report func(error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		kept := &keeper{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(kept, r)
		if err := s.Check(r, kept.status, w.Header(), kept.body.Bytes()); err != nil {
			report(err)
		}
	})
}

// keeper is a ResponseWriter that remembers what went through it.
type keeper struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (k *keeper) WriteHeader(status int) {
	k.status = status
	k.ResponseWriter.WriteHeader(status)
}

func (k *keeper) Write(p []byte) (int, error) {
	k.body.Write(p)
	return k.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach what lies beneath.
func (k *keeper) Unwrap() http.ResponseWriter { return k.ResponseWriter }
