package oidc_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	"go.uber.org/goleak"

	"gitgrant/internal/oidc"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(int) { http.DefaultClient.CloseIdleConnections() }))
}

// post sends a form as the application and returns the status and the answer.
func post(t *testing.T, address string, form url.Values) (int, map[string]any) {
	t.Helper()
	form.Set("client_id", oidc.ClientID)
	resp, err := http.PostForm(address, form)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer := map[string]any{}
	if resp.ContentLength != 0 {
		if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
			t.Fatal(err)
		}
	}
	return resp.StatusCode, answer
}

func TestADeviceIsPendingUntilItIsApproved(t *testing.T) {
	server := oidc.Start(t)
	device := startDevice(t, server)

	if status, answer := poll(t, server, device); status != http.StatusBadRequest || answer["error"] != "authorization_pending" {
		t.Fatalf("before the approval: %d %v", status, answer)
	}
	server.ApproveDevice(device["user_code"].(string))

	status, granted := poll(t, server, device)
	if status != http.StatusOK || granted["access_token"] == "" || granted["scope"] != "repo admin:repo_hook" {
		t.Fatalf("after the approval: %d %v", status, granted)
	}
	introspect(t, server, granted, true)

	status, renewed := refresh(t, server, granted)
	if status != http.StatusOK || renewed["refresh_token"] == granted["refresh_token"] {
		t.Fatalf("a refresh rotates: %d %v", status, renewed)
	}
	introspect(t, server, renewed, true)
	if status, answer := post(t, server.URL()+"/token/revocation", token(renewed)); status != http.StatusOK {
		t.Errorf("the revocation: %d %v", status, answer)
	}
	introspect(t, server, renewed, false)
}

func TestADeviceCodeIsGoodForOneToken(t *testing.T) {
	server := oidc.Start(t)
	device := startDevice(t, server)
	server.ApproveDevice(device["user_code"].(string))
	_, granted := poll(t, server, device)

	if status, answer := poll(t, server, device); status != http.StatusBadRequest || answer["error"] != "invalid_grant" {
		t.Errorf("the used device code: %d %v", status, answer)
	}
	introspect(t, server, granted, false)
}

func TestAUsedRefreshTokenEndsTheWholeFamily(t *testing.T) {
	server := oidc.Start(t)
	device := startDevice(t, server)
	server.ApproveDevice(device["user_code"].(string))
	_, granted := poll(t, server, device)
	_, renewed := refresh(t, server, granted)

	if status, answer := refresh(t, server, granted); status != http.StatusBadRequest || answer["error"] != "invalid_grant" {
		t.Errorf("the used refresh token: %d %v", status, answer)
	}
	if status, answer := refresh(t, server, renewed); status != http.StatusBadRequest || answer["error"] != "invalid_grant" {
		t.Errorf("the newest refresh token: %d %v", status, answer)
	}
}

func TestADeniedDeviceGetsNoToken(t *testing.T) {
	server := oidc.Start(t)
	device := startDevice(t, server)
	server.DenyDevice(device["user_code"].(string))
	if status, answer := poll(t, server, device); status != http.StatusBadRequest || answer["error"] != "access_denied" {
		t.Errorf("after the denial: %d %v", status, answer)
	}
}

func startDevice(t *testing.T, server *oidc.Server) map[string]any {
	t.Helper()
	status, device := post(t, server.URL()+"/device/auth", url.Values{"scope": {"repo admin:repo_hook"}})
	if status != http.StatusOK {
		t.Fatalf("the start: %d %v", status, device)
	}
	return device
}

func poll(t *testing.T, server *oidc.Server, device map[string]any) (int, map[string]any) {
	t.Helper()
	return post(t, server.URL()+"/token", url.Values{
		"grant_type":  {"urn:ietf:params:oauth:grant-type:device_code"},
		"device_code": {device["device_code"].(string)},
	})
}

func refresh(t *testing.T, server *oidc.Server, granted map[string]any) (int, map[string]any) {
	t.Helper()
	return post(t, server.URL()+"/token", url.Values{
		"grant_type":    {"refresh_token"},
		"refresh_token": {granted["refresh_token"].(string)},
	})
}

func token(granted map[string]any) url.Values {
	return url.Values{"token": {granted["access_token"].(string)}}
}

func introspect(t *testing.T, server *oidc.Server, granted map[string]any, active bool) {
	t.Helper()
	if _, answer := post(t, server.URL()+"/token/introspection", token(granted)); answer["active"] != active {
		t.Errorf("active is %v, want %t", answer["active"], active)
	}
}
