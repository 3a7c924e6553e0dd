package sandbox

import (
	"encoding/json"
	"io"
	"net/http"
)

// exchange is one request to a REST API and the way to answer it.
type exchange struct {
	w http.ResponseWriter
	r *http.Request
}

// jsonHeader says that JSON comes, unless a fault calls it something else.
func (x exchange) jsonHeader() {
	if x.w.Header().Get("Content-Type") == "" {
		x.w.Header().Set("Content-Type", "application/json; charset=utf-8")
	}
}

func (x exchange) json(status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		panic("sandbox: " + err.Error())
	}
	x.jsonHeader()
	x.w.WriteHeader(status)
	x.send(string(text))
}

// send writes what it can: a client that leaves early is its own business.
func (x exchange) send(text string) { _, _ = io.WriteString(x.w, text) }
