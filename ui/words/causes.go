package words

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"gitgrant/providers/cause"
)

// causes are the words for every cause. {host} is who was asked, {url} the page
// that mends it, {until} a moment, {status} an HTTP status, {org} whose policy
// it is, {user} beside which name, {right} what would have been enough, {detail}
// the other side's own words.
var causes = map[cause.Kind]Message{
	cause.Rejected: {
		"{host} refuses the token.",
		"It does not say why: the token may be mistyped, revoked or expired.",
		"Copy the token once more, or make a new one.",
	},
	cause.AppPassword: {
		"{host} takes no app passwords any more.",
		"They ended in July 2026, so this one was not sent anywhere.",
		"Make an API token instead, and give it with the e-mail address of its account.",
	},
	cause.Expired: {
		"The token has expired.",
		"It was to last until {until}, and {host} refuses it since.",
		"Make a new one.",
	},
	cause.Revoked: {
		"The token was revoked.",
		"{host} refuses it, although it was to last until {until}.",
		"Make a new one.",
	},
	cause.Ended: {
		"The token was ended.",
		"gitgrant had {host} end it, for this runtime or for another that shared it.",
		"Make a new one.",
	},
	cause.Rotated: {
		"The token was replaced at {host}, and the new one was lost.",
		"gitgrant was interrupted before the new token arrived; the old one is dead.",
		"Make a new one.",
	},
	cause.Lapsed: {
		"The sign-in has ended.",
		"The token was good until {until}, and {host} does not renew it any more.",
		"Sign in again with `gitgrant reauthorize`.",
	},
	cause.Withdrawn: {
		"The sign-in was withdrawn.",
		"{host} does not renew the token any more, although it was to last until {until}.",
		"Sign in again with `gitgrant reauthorize`.",
	},
	cause.Stated: {
		"The token is past the end that was stated for it.",
		"You stated {until}; {host} still takes it, but cannot tell its end.",
		"Make a new one, or state its true end with --expires.",
	},
	cause.ToldByGit: {
		"{host} refused the token when git used it.",
		"git was not told why: it may have ended, or have been revoked.",
		"Check it again, which may tell more.",
	},
	cause.SSO: {
		"The token is not authorized for single sign-on.",
		"The organization at {host} lets in only tokens that were authorized for it.",
		"Choose Configure SSO beside the token on its page at {host}, authorize it, and check again.",
	},
	cause.Restricted: {
		"A policy forbids the token.",
		"{org} does not let this kind of token or application in.",
		"Ask an owner of {org} to allow it, or use a kind of token that is allowed.",
	},
	cause.NoEmail: {
		"The e-mail address beside the token is missing.",
		"{host} takes an API token only beside the e-mail address of the account that made it, so the token was not sent.",
		"Give the address; as a flag it is --email.",
	},
	cause.RateLimited: {
		"{host} takes no more requests for now.",
		"Its limit of requests is used up, which says nothing about the token.",
		"Check again {until}.",
	},
	cause.FailedLogins: {
		"{host} takes no sign-ins of this account for a while.",
		"Several tokens were refused in a row, and this one was not looked at.",
		"Check again {until}.",
	},
	cause.Captcha: {
		"{host} wants a CAPTCHA solved before it takes a sign-in of this account.",
		"Several were refused in a row, and this token was not looked at.",
		"Sign in there in a browser as the account of the token, solve it, then check again.",
	},
	cause.NoSuchName: {
		"{host} was not found.",
		"The name service of this network does not know the name.",
		"Look at the spelling and at the network, such as a VPN, then check again.",
	},
	cause.NoNameService: {
		"The address of {host} could not be looked up.",
		"The name service of this network did not answer, as when there is no network at all.",
		"Look at the network, then try again.",
	},
	cause.NoConnection: {
		"{host} could not be reached.",
		"Nothing answers at that address, or a firewall stands in between.",
		"Look at the network, then check again.",
	},
	cause.NoAnswer: {
		"{host} did not answer in time.",
		"The host, or the way to it, is slow.",
		"Check again in a moment.",
	},
	cause.Broken: {
		"The connection to {host} broke off.",
		"It ended before the answer did.",
		"Check again in a moment.",
	},
	cause.ProxyRefused: {
		"The proxy on the way to {host} did not let the request through.",
		"It may want a name and password, or not allow this host.",
		"Look at HTTPS_PROXY, at NO_PROXY and at the proxy in hosts.yaml.",
	},
	cause.UnknownIssuer: {
		"The certificate of {host} is signed by nobody that this machine trusts.",
		"A company often signs the certificates of its own hosts.",
		"Name the file of that authority as tls.ca_file in hosts.yaml, or with `gitgrant hosts set --ca-file`.",
	},
	cause.WrongName: {
		"The certificate of {host} belongs to another name.",
		"Something else may be answering at this address.",
		"Look at the address, or ask who runs the host.",
	},
	cause.CertExpired: {
		"The certificate of {host} has expired.",
		"Its end has passed, or the clock of this machine is ahead.",
		"Look at the clock; if it is right, ask who runs the host for a new certificate.",
	},
	cause.CertTooEarly: {
		"The certificate of {host} is not valid yet.",
		"Its beginning lies ahead, or the clock of this machine is behind.",
		"Set the clock, then check again.",
	},
	cause.NoClientCert: {
		"{host} wants a certificate of this machine.",
		"It got none, or does not accept the one that it got.",
		"Name the files of one with `gitgrant hosts set --client-cert --client-key`, or as tls.client_cert and tls.client_key in hosts.yaml.",
	},
	cause.TLS: {
		"No secure connection to {host} came about.",
		"The two sides did not agree, or something else than https answers there.",
		"Look at the address and its port, then at tls in hosts.yaml.",
	},
	cause.Redirected: {
		"{host} sent the request elsewhere.",
		"It pointed to {detail}, where a token never follows.",
		"Look at web_url and api_url of this host in hosts.yaml.",
	},
	cause.NotUnderstood: {
		"The answer of {host} could not be understood.",
		"A sign-in page of the network, a proxy or another program may be answering in its place.",
		"Open {host} in a browser, then check again.",
	},
	cause.TooLarge: {
		"The answer of {host} is larger than any answer of a Git host.",
		"Another program may be answering in its place.",
		"Look at the address of the host, then check again.",
	},
	cause.ServerError: {
		"{host} has a fault of its own.",
		"It answered with HTTP {status}, which says nothing about the token.",
		"Check again in a few minutes.",
	},
	cause.Gone: {
		"{host} has done away with what was asked.",
		"That part of its API is gone, which says nothing about the token.",
		"Look whether there is a newer gitgrant.",
	},
	cause.WrongHost: {
		"{host} is not the kind of Git host that it was taken for.",
		"Its answers are not those of this provider.",
		"Look at the address and at the provider.",
	},
	cause.Profile: {
		"The profile of {host} cannot be used.",
		"What it says about {detail} cannot be read or is not understood.",
		"Mend it in hosts.yaml, or with `gitgrant hosts set`.",
	},
	cause.MayNotRotate: {
		"The token may not replace itself.",
		"{host} wants {right} for that, which it was made without; the token works as before.",
		"Make a new one with that right on its page at {host}, and store it with `gitgrant reauthorize`.",
	},
	cause.MayNotRevoke: {
		"The token may not end itself.",
		"{host} wants {right} for that, which it was made without; the token works as before.",
		"End it on its page at {host}, then delete it here with `gitgrant forget`.",
	},
	cause.SecretToEnd: {
		"{host} did not end the token, which works as before.",
		"It ends what it issued to this OAuth application with the secret of the application, which is missing here or not the right one.",
		"Give the secret with `gitgrant hosts set`, or end the token on its page at {host} and delete it here with `gitgrant forget`.",
	},
	cause.NotReplaced: {
		"{host} did not replace the token.",
		"It does not take what was asked for; the token works as before.",
		"Look at the last day of the new one, which `gitgrant rotate --expires` takes.",
	},
	cause.Denied: {
		"The sign-in was denied.",
		"Somebody declined it on the page of {host}.",
		"Sign in again and approve it there.",
	},
	cause.CodeExpired: {
		"The code has run out.",
		"Nobody entered it at {host} in time.",
		"Sign in again for a new code.",
	},
	cause.DeviceDisabled: {
		"The device flow is not to be had at {host}.",
		"It is switched off in the settings of the OAuth application, or {host} is too old to have it.",
		"Switch it on there, or use a personal access token.",
	},
	cause.UnknownApplication: {
		"{host} does not know the OAuth application.",
		"Every host has applications of its own, and this client id is not among them.",
		"Look at the client id, register an application at {host}, or use a personal access token.",
	},
	cause.GitHubApp: {
		"This client id belongs to a GitHub App.",
		"An id that begins with Iv is one of a GitHub App, which knows no scopes.",
		"Use the id of an OAuth application.",
	},
	cause.NoReturn: {
		"The browser did not come back in time.",
		"Nobody approved gitgrant at {host}, or the browser could not reach this program.",
		"Sign in again; if the browser ends on a page that does not load, paste its address here.",
	},
	cause.NoListener: {
		"The browser could not come back to this program.",
		"What was to be listened on, {detail}, is in use by something else on this machine.",
		"End that program, or sign in with a code.",
	},
	cause.CodeRefused: {
		"{host} does not take what the browser brought back.",
		"It was used already, or too much time has passed since.",
		"Sign in again.",
	},
	cause.RedirectRefused: {
		"The OAuth application at {host} is registered with another callback.",
		"Nothing but {detail} is where this sign-in can end.",
		"Enter that address as the callback on the page of the application, then sign in again.",
	},
	cause.ScopeRefused: {
		"The OAuth application at {host} may not ask for what this token needs.",
		"Its registration lacks one of the scopes.",
		"Tick the scopes on the page of the application, then sign in again.",
	},
	cause.SecretWanted: {
		"{host} wants the secret of the OAuth application.",
		"Without it no sign-in in a browser is let through.",
		"Give the secret, which goes into the keychain, or sign in with a code.",
	},
	cause.SecretRefused: {
		"{host} does not take the secret of the OAuth application.",
		"The secret and the client id do not belong together, or the secret was deleted there.",
		"Make a new secret on the page of the application and give that one; `gitgrant hosts set --client-secret-stdin` takes it too.",
	},
	cause.SignInRefused: {
		"{host} refused the sign-in.",
		"It did not say why.",
		"Sign in again, or use a personal access token.",
	},
}

// Cause is why a host, or the way to it, did not do what was asked.
func Cause(c cause.Cause, now time.Time) Message {
	m, ok := causes[c.Kind]
	if !ok {
		m = causes[cause.NotUnderstood]
	}
	m = m.told(c)
	return m.fill(map[string]string{
		"host":   hostName(c.Host),
		"url":    c.URL,
		"status": strconv.Itoa(c.Status),
		"user":   c.User,
		"org":    orElse(c.Org, "the organization"),
		"right":  orElse(list(strings.Fields(c.Right), "or"), "a right of its own"),
		"detail": orElse(c.Detail, "another address"),
		"until":  moment(c, now),
	})
}

// beside is for a token that was refused together with a user name: the host
// refuses an end, a revocation and another's name in the same words.
var beside = Message{
	"{host} refuses the token beside {user}.",
	"It does not say why: the address may be another than that of the account which made the token, or the token may be expired, revoked, mistyped or made without scopes.",
	"Look at the address first. If it is right, make a new token.",
}

// told puts in what this cause knows beyond its kind.
func (m Message) told(c cause.Cause) Message {
	switch {
	case (c.Kind == cause.Revoked || c.Kind == cause.Expired) && c.Until.IsZero():
		m.Why = "{host} says so."
	case c.Kind == cause.Rejected && c.User != "":
		m = beside
	case c.Kind == cause.SSO && c.URL != "":
		m.Next = "Open {url} and authorize it, then check again."
	case c.Kind == cause.ProxyRefused && c.Detail != "":
		m.Why, m.Next = refusedByProxy(c.Status)
	case c.Kind == cause.MayNotRotate && c.URL != "":
		m.Next = "Open {url} and make a new one with that right, then store it with `gitgrant reauthorize`."
	case c.Kind == cause.MayNotRevoke && c.URL != "":
		m.Next = "Open {url} and end it there, then delete it here with `gitgrant forget`."
	case c.Kind == cause.Captcha && c.URL != "":
		m.Next = "Sign in at {url} in a browser as the account of the token, solve it, then check again."
	case c.Kind == cause.Profile && c.Detail == "":
		m.Why = "Something in it cannot be read or is not understood."
	case quotesHost(c.Kind) && c.Detail != "":
		m.Why = "{host} says: " + quote(strings.TrimRight(c.Detail, ". ")) + "."
	case (c.Kind == cause.RateLimited || c.Kind == cause.FailedLogins) && c.Until.IsZero():
		m.Next = "Check again in a few minutes."
	}
	return m
}

// refusedByProxy is why a proxy did not let a request through, by its answer.
func refusedByProxy(status int) (why, next string) {
	switch {
	case status == http.StatusProxyAuthRequired || status == http.StatusUnauthorized: // the latter from some for a wrong one
		return "{detail} wants a name and a password.", "Write them into HTTPS_PROXY, like http://name:password@{detail}; a password does not belong into hosts.yaml."
	case status == http.StatusForbidden || status == http.StatusMethodNotAllowed:
		return "{detail} does not allow this host.", "Ask who runs the proxy to allow it, or name the host in NO_PROXY where it can be reached without."
	case status != 0:
		return "{detail} did not reach it, and answered with HTTP {status}.", "Look at the address of the host, then ask who runs the proxy."
	default:
		return "Nothing answers at {detail}, or it is no proxy.", "Look at HTTPS_PROXY, at NO_PROXY and at the proxy in hosts.yaml."
	}
}

// quotesHost is where the host's own words say more than ours could.
func quotesHost(kind cause.Kind) bool {
	switch kind {
	case cause.Restricted, cause.NotReplaced, cause.SignInRefused, cause.DeviceDisabled:
		return true
	default:
		return false
	}
}

func moment(c cause.Cause, now time.Time) string {
	switch c.Kind {
	case cause.RateLimited, cause.FailedLogins:
		return Soon(now, c.Until)
	default:
		return c.Until.UTC().Format(time.DateOnly)
	}
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
