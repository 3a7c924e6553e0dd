package sandbox_test

import (
	"net/url"
	"testing"
	"time"

	"gitgrant/providers/sandbox"
)

func TestAnApplicationIsToldOfItsOwnTokensAlone(t *testing.T) {
	w := newWire(t, sandbox.Options{Approve: sandbox.Auto})
	ask := func(client, token string) reply {
		return w.post("/gitlab/oauth/introspect", url.Values{"client_id": {sandbox.MustClient("gitlab", client).ID}, "token": {token}})
	}
	pair := w.labSignIn("default", "api read_repository").labPoll().expect(t, 200).json(t)
	access, _ := pair["access_token"].(string)
	refresh, _ := pair["refresh_token"].(string)
	for name, token := range map[string]string{"an access token": access, "its refresh token": refresh} {
		told := ask("default", token).expect(t, 200).json(t)
		if told["active"] != true || told["scope"] != "api read_repository" || told["exp"] != told["iat"].(float64)+7200 {
			t.Errorf("%s: %v", name, told)
		}
	}
	for name, r := range map[string]reply{
		"another application's":   ask("refresh-refused", access),
		"one that nobody knows":   ask("default", "deadbeef"),
		"a personal access token": ask("default", lab("runtime")),
	} {
		told := r.expect(t, 200).json(t)
		if told["active"] != false || len(told) != 1 {
			t.Errorf("%s: %v", name, told)
		}
	}
	ask("confidential", access).refused(t, 401, "invalid_client")
	ask("default", "").refused(t, 400, "invalid_request")

	w.clock.Advance(2 * time.Hour)
	if told := ask("default", access).expect(t, 200).json(t); told["active"] != false {
		t.Errorf("one that has ended: %v", told)
	}
}
