package sandbox

import (
	"net/http"
	"strings"
)

// introspect tells an application of its own tokens, as RFC 7662 has it. Of
// any other token, known or not, it says no more than that it is none.
func (h *gitLab) introspect(r *http.Request) answer {
	client, _, ok := h.clientOf(r)
	if !ok {
		return doorkeeperError("invalid_client")
	}
	text := r.PostFormValue("token")
	if text == "" {
		return doorkeeperError("invalid_request")
	}
	for access, t := range h.tokens {
		if access != text && t.refresh != text || !t.oauth() || t.client != client || !h.alive(t) {
			continue
		}
		values := map[string]any{
			"active": true, "scope": strings.Join(t.scopes, " "), "client_id": t.client, "token_type": "Bearer", "iat": t.created.Unix(),
		}
		if !t.expires.IsZero() {
			values["exp"] = t.expires.Unix()
		}
		return answer{status: http.StatusOK, values: values}
	}
	return answer{status: http.StatusOK, values: map[string]any{"active": false}}
}
