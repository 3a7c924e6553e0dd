package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// ErrNotLoopback means that a server was asked to listen where other machines
// could reach it.
var ErrNotLoopback = errors.New("the sandbox listens on loopback only")

// Server is a Sandbox that listens.
type Server struct {
	*Sandbox
	url     string
	http    *http.Server
	stop    context.CancelFunc
	running sync.WaitGroup
}

// Start serves a new sandbox at addr, such as 127.0.0.1:0. The address must be
// a loopback one, written as such: a name could resolve to anything.
func Start(o Options, addr string) (*Server, error) {
	if o.Approve != "" && o.Approve != OnPage && o.Approve != Auto {
		return nil, fmt.Errorf("approval %q is neither %q nor %q", o.Approve, OnPage, Auto)
	}
	at, err := netip.ParseAddrPort(addr)
	if err != nil {
		return nil, fmt.Errorf("sandbox address: %w", err)
	}
	if !at.Addr().Unmap().IsLoopback() {
		return nil, fmt.Errorf("%w, not on %s", ErrNotLoopback, at.Addr())
	}
	ctx, stop := context.WithCancel(context.Background())
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		stop()
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	srv := &Server{Sandbox: New(o), url: "http://" + listener.Addr().String(), stop: stop}
	srv.http = &http.Server{
		Handler:           srv.Handler(),
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ConnState:         srv.count,
	}
	// Serve ends with ErrServerClosed, which is what Close asks for.
	srv.running.Go(func() { _ = srv.http.Serve(listener) })
	return srv, nil
}

// URL is the address of the server, without a slash at its end.
func (srv *Server) URL() string { return srv.url }

// Close ends every connection, those with an answer that never ends included,
// and returns when nothing of the server runs any more.
func (srv *Server) Close() error {
	srv.stop()
	err := srv.http.Close()
	srv.running.Wait()
	return err
}

// count keeps Close waiting for a connection until its last handler is done.
func (srv *Server) count(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		srv.running.Add(1)
	case http.StateClosed, http.StateHijacked:
		srv.running.Done()
	}
}
