//go:build linux || openbsd || netbsd

package system

import (
	"context"
	"errors"
	"os"
	"slices"

	"github.com/godbus/dbus/v5"

	"gitgrant/keyring"
)

// The names of the Secret Service, as freedesktop.org has them.
const (
	busName        = "org.freedesktop.DBus"
	secretsName    = "org.freedesktop.secrets"
	secretsPath    = dbus.ObjectPath("/org/freedesktop/secrets")
	loginPath      = dbus.ObjectPath("/org/freedesktop/secrets/collection/login")
	noPath         = dbus.ObjectPath("/")
	serviceName    = "org.freedesktop.Secret.Service"
	collectionName = "org.freedesktop.Secret.Collection"
	itemName       = "org.freedesktop.Secret.Item"
	promptName     = "org.freedesktop.Secret.Prompt"
)

// session is a private connection to the session bus that starts nothing.
type session struct{ conn *dbus.Conn }

// connect never starts a bus. A connection that it returns also means that the
// address stands in the environment, so that go-keyring will not start one.
func connect(ctx context.Context) (*session, error) {
	conn, err := dbus.SessionBusPrivateNoAutoStartup(dbus.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	if err := conn.Auth(nil); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	if err := conn.Hello(); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return &session{conn}, nil
}

func (s *session) close() { _ = s.conn.Close() }

// ask calls a method without letting the bus start whoever has it.
func (s *session) ask(ctx context.Context, dest string, path dbus.ObjectPath, method string, args ...any) *dbus.Call {
	return s.conn.Object(dest, path).CallWithContext(ctx, method, dbus.FlagNoAutoStart, args...)
}

func (s *session) property(ctx context.Context, path dbus.ObjectPath, iface, name string) (dbus.Variant, error) {
	var value dbus.Variant
	err := s.ask(ctx, secretsName, path, "org.freedesktop.DBus.Properties.Get", iface, name).Store(&value)
	return value, err
}

// probe asks the bus, then the service, and prompts nobody.
func probe(ctx context.Context) keyring.Condition {
	s, err := connect(ctx)
	if err != nil {
		return unreached(ctx, keyring.NoBus, err)
	}
	defer s.close()
	var owned bool
	if err := s.ask(ctx, busName, "/", busName+".NameHasOwner", secretsName).Store(&owned); err != nil {
		return unreached(ctx, keyring.NoBus, err)
	}
	if !owned {
		var names []string
		if err := s.ask(ctx, busName, "/", busName+".ListActivatableNames").Store(&names); err != nil {
			return unreached(ctx, keyring.NoBus, err)
		}
		if slices.Contains(names, secretsName) {
			return condition(keyring.Activatable, "")
		}
		return condition(keyring.NoService, "")
	}
	collection, err := s.collection(ctx)
	if err != nil {
		return unreached(ctx, keyring.Denied, err)
	}
	if collection == noPath {
		return condition(keyring.NoCollection, "")
	}
	locked, err := s.property(ctx, collection, collectionName, "Locked")
	if err != nil {
		return unreached(ctx, keyring.Denied, err)
	}
	if value, ok := locked.Value().(bool); !ok || value {
		return condition(keyring.Locked, "")
	}
	return condition(keyring.Ready, "")
}

// collection is the one that go-keyring uses: login, else the default.
func (s *session) collection(ctx context.Context) (dbus.ObjectPath, error) {
	value, err := s.property(ctx, secretsPath, serviceName, "Collections")
	if err != nil {
		return noPath, err
	}
	if paths, ok := value.Value().([]dbus.ObjectPath); ok && slices.Contains(paths, loginPath) {
		return loginPath, nil
	}
	var path dbus.ObjectPath
	err = s.ask(ctx, secretsName, secretsPath, serviceName+".ReadAlias", "default").Store(&path)
	return path, err
}

// unreached is the condition after an error: no answer in time, or the state
// that the error means at this point.
func unreached(ctx context.Context, state keyring.State, err error) keyring.Condition {
	if ctx.Err() != nil {
		return condition(keyring.Unresponsive, "")
	}
	return condition(state, clean(err.Error()))
}

// start lets the bus start the service.
func start(ctx context.Context) error {
	s, err := connect(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	return s.ask(ctx, busName, "/", busName+".StartServiceByName", secretsName, uint32(0)).Err
}

// list finds the items of this program, locked ones too, without a prompt.
func list(ctx context.Context) ([]string, error) {
	if at := probe(ctx); !at.Usable() {
		return nil, at
	}
	s, err := connect(ctx)
	if err != nil {
		return nil, unreached(ctx, keyring.NoBus, err)
	}
	defer s.close()
	collection, err := s.collection(ctx)
	if err != nil {
		return nil, unreached(ctx, keyring.Denied, err)
	}
	var paths []dbus.ObjectPath
	search := map[string]string{"service": service}
	if err := s.ask(ctx, secretsName, collection, collectionName+".SearchItems", search).Store(&paths); err != nil {
		return nil, unreached(ctx, keyring.Denied, err)
	}
	var names []string
	for _, path := range paths {
		value, err := s.property(ctx, path, itemName, "Attributes")
		if err != nil {
			return nil, unreached(ctx, keyring.Denied, err)
		}
		if attributes, ok := value.Value().(map[string]string); ok {
			names = append(names, attributes["username"])
		}
	}
	return names, nil
}

// unlock lets the desktop ask for the password, or for one to create a
// keychain with. It refuses where the question would appear on a screen that
// nobody sees.
func unlock(ctx context.Context) error {
	if !screenAtHand() {
		return condition(keyring.Locked, "there is no screen here to ask on")
	}
	s, err := connect(ctx)
	if err != nil {
		return unreached(ctx, keyring.NoBus, err)
	}
	defer s.close()
	collection, err := s.collection(ctx)
	if err != nil {
		return unreached(ctx, keyring.Denied, err)
	}
	var prompt dbus.ObjectPath
	if collection == noPath {
		properties := map[string]dbus.Variant{collectionName + ".Label": dbus.MakeVariant("Login")}
		err = s.ask(ctx, secretsName, secretsPath, serviceName+".CreateCollection", properties, "default").Store(new(dbus.ObjectPath), &prompt)
	} else {
		err = s.ask(ctx, secretsName, secretsPath, serviceName+".Unlock", []dbus.ObjectPath{collection}).Store(new([]dbus.ObjectPath), &prompt)
	}
	if err != nil {
		return unreached(ctx, keyring.Denied, err)
	}
	return s.prompt(ctx, prompt)
}

func screenAtHand() bool {
	remote := os.Getenv("SSH_CONNECTION") != "" || os.Getenv("SSH_TTY") != ""
	return !remote && (os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != "")
}

// prompt shows a prompt of the service and waits for the person, who may
// dismiss it. A prompt that is given up on is taken off the screen.
func (s *session) prompt(ctx context.Context, prompt dbus.ObjectPath) error {
	if prompt == noPath {
		return nil
	}
	if err := s.conn.AddMatchSignalContext(ctx, dbus.WithMatchObjectPath(prompt), dbus.WithMatchInterface(promptName)); err != nil {
		return unreached(ctx, keyring.Denied, err)
	}
	signals := make(chan *dbus.Signal, 8)
	s.conn.Signal(signals)
	if err := s.ask(ctx, secretsName, prompt, promptName+".Prompt", "").Err; err != nil {
		return unreached(ctx, keyring.Locked, err)
	}
	for {
		select {
		case signal, open := <-signals:
			if !open {
				return condition(keyring.NoBus, "")
			}
			if signal.Path != prompt || signal.Name != promptName+".Completed" || len(signal.Body) == 0 {
				continue
			}
			if dismissed, ok := signal.Body[0].(bool); !ok || dismissed {
				return condition(keyring.Denied, "the prompt was dismissed")
			}
			return nil
		case <-ctx.Done():
			_ = s.conn.Object(secretsName, prompt).Go(promptName+".Dismiss", dbus.FlagNoReplyExpected, nil).Err
			return unknown(ctx)
		}
	}
}
