//go:build linux

package system_test

import (
	"fmt"
	"maps"
	"strings"
	"sync"

	"github.com/godbus/dbus/v5"
)

const (
	secretsName = "org.freedesktop.secrets"
	secretsPath = dbus.ObjectPath("/org/freedesktop/secrets")
	loginPath   = secretsPath + "/collection/login"
	promptPath  = secretsPath + "/prompt/1"
	noPath      = dbus.ObjectPath("/")
)

// service is a Secret Service with one collection, which misbehaves when told.
type service struct {
	conn *dbus.Conn

	mu     sync.Mutex
	items  map[dbus.ObjectPath]*fakeItem
	serial int
	prompt func() (dbus.Variant, bool) // what the prompt does when it is answered
	shown  bool                        // somebody listens for the answer

	locked       bool
	noCollection bool
	dismiss      string        // the method whose prompt is dismissed
	unanswered   string        // the method whose prompt nobody answers
	deadly       string        // the method whose prompt kills the service
	stalled      chan struct{} // no method answers before it is closed
}

type fakeItem struct {
	attributes map[string]string
	secret     fakeSecret
}

type fakeSecret struct {
	Session     dbus.ObjectPath
	Parameters  []byte
	Value       []byte
	ContentType string
}

// serve claims the name of the Secret Service on the bus at address.
func serve(address string, s *service) error {
	conn, err := dbus.Connect(address)
	if err != nil {
		return err
	}
	s.conn = conn
	s.items = map[dbus.ObjectPath]*fakeItem{}
	for iface, methods := range map[string]map[string]any{
		"org.freedesktop.Secret.Service": {
			"OpenSession": s.openSession, "Unlock": s.unlock, "ReadAlias": s.readAlias, "CreateCollection": s.createCollection,
		},
		"org.freedesktop.Secret.Collection": {"CreateItem": s.createItem, "SearchItems": s.searchItems},
		"org.freedesktop.Secret.Item":       {"GetSecret": s.getSecret, "Delete": s.deleteItem},
		"org.freedesktop.Secret.Session":    {"Close": s.closeSession},
		"org.freedesktop.Secret.Prompt":     {"Prompt": s.answer, "Dismiss": s.closeSession},
		"org.freedesktop.DBus.Properties":   {"Get": s.property},
	} {
		if err := conn.ExportSubtreeMethodTable(methods, secretsPath, iface); err != nil {
			return err
		}
	}
	reply, err := conn.RequestName(secretsName, dbus.NameFlagDoNotQueue)
	if err == nil && reply != dbus.RequestNameReplyPrimaryOwner {
		err = fmt.Errorf("the name is taken: %v", reply)
	}
	return err
}

// set changes how the service behaves.
func (s *service) set(change func(*service)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

// enter is the first thing that every method does.
func (s *service) enter() {
	s.mu.Lock()
	stalled := s.stalled
	s.mu.Unlock()
	if stalled != nil {
		<-stalled
	}
	s.mu.Lock()
}

func (s *service) openSession(string, dbus.Variant) (dbus.Variant, dbus.ObjectPath, *dbus.Error) {
	s.enter()
	defer s.mu.Unlock()
	return dbus.MakeVariant(""), secretsPath + "/session/1", nil
}

func (s *service) closeSession() *dbus.Error { return nil }

func (s *service) readAlias(string) (dbus.ObjectPath, *dbus.Error) {
	s.enter()
	defer s.mu.Unlock()
	if s.noCollection {
		return noPath, nil
	}
	return loginPath, nil
}

func (s *service) unlock(paths []dbus.ObjectPath) ([]dbus.ObjectPath, dbus.ObjectPath, *dbus.Error) {
	s.enter()
	defer s.mu.Unlock()
	if !s.locked {
		return paths, noPath, nil
	}
	return []dbus.ObjectPath{}, s.ask("Unlock", func() dbus.Variant {
		s.locked = false
		return dbus.MakeVariant(paths)
	}), nil
}

func (s *service) createCollection(map[string]dbus.Variant, string) (dbus.ObjectPath, dbus.ObjectPath, *dbus.Error) {
	s.enter()
	defer s.mu.Unlock()
	return noPath, s.ask("CreateCollection", func() dbus.Variant {
		s.noCollection = false
		return dbus.MakeVariant(loginPath)
	}), nil
}

func (s *service) createItem(properties map[string]dbus.Variant, secret fakeSecret, _ bool) (dbus.ObjectPath, dbus.ObjectPath, *dbus.Error) {
	s.enter()
	defer s.mu.Unlock()
	attributes, ok := properties["org.freedesktop.Secret.Item.Attributes"].Value().(map[string]string)
	if !ok {
		return noPath, noPath, dbus.MakeFailedError(fmt.Errorf("an item without attributes"))
	}
	create := func() dbus.Variant {
		for path, item := range s.items {
			if maps.Equal(item.attributes, attributes) {
				item.secret = secret
				return dbus.MakeVariant(path)
			}
		}
		s.serial++
		path := dbus.ObjectPath(fmt.Sprintf("%s/%d", loginPath, s.serial))
		s.items[path] = &fakeItem{attributes, secret}
		return dbus.MakeVariant(path)
	}
	if s.prompts("CreateItem") {
		return noPath, s.ask("CreateItem", create), nil
	}
	path, _ := create().Value().(dbus.ObjectPath)
	return path, noPath, nil
}

func (s *service) searchItems(search map[string]string) ([]dbus.ObjectPath, *dbus.Error) {
	s.enter()
	defer s.mu.Unlock()
	found := []dbus.ObjectPath{}
	for path, item := range s.items {
		matches := true
		for name, value := range search {
			matches = matches && item.attributes[name] == value
		}
		if matches {
			found = append(found, path)
		}
	}
	return found, nil
}

func (s *service) getSecret(msg dbus.Message, _ dbus.ObjectPath) (fakeSecret, *dbus.Error) {
	s.enter()
	defer s.mu.Unlock()
	item, ok := s.items[pathOf(msg)]
	if !ok {
		return fakeSecret{}, dbus.MakeFailedError(fmt.Errorf("no such item"))
	}
	return item.secret, nil
}

func (s *service) deleteItem(msg dbus.Message) (dbus.ObjectPath, *dbus.Error) {
	s.enter()
	defer s.mu.Unlock()
	path := pathOf(msg)
	if s.prompts("Delete") {
		return s.ask("Delete", func() dbus.Variant {
			delete(s.items, path)
			return dbus.MakeVariant("")
		}), nil
	}
	delete(s.items, path)
	return noPath, nil
}

func (s *service) property(msg dbus.Message, iface, name string) (dbus.Variant, *dbus.Error) {
	s.enter()
	defer s.mu.Unlock()
	switch last := iface[strings.LastIndexByte(iface, '.')+1:] + "." + name; last {
	case "Service.Collections":
		if s.noCollection {
			return dbus.MakeVariant([]dbus.ObjectPath{}), nil
		}
		return dbus.MakeVariant([]dbus.ObjectPath{loginPath}), nil
	case "Collection.Locked":
		return dbus.MakeVariant(s.locked), nil
	case "Item.Attributes":
		if item, ok := s.items[pathOf(msg)]; ok {
			return dbus.MakeVariant(item.attributes), nil
		}
	}
	return dbus.Variant{}, dbus.MakeFailedError(fmt.Errorf("no such property: %s", name))
}

func pathOf(msg dbus.Message) dbus.ObjectPath {
	path, _ := msg.Headers[dbus.FieldPath].Value().(dbus.ObjectPath)
	return path
}

func (s *service) prompts(method string) bool {
	return s.dismiss == method || s.unanswered == method || s.deadly == method
}

// ask puts a prompt on show; what it does happens once it is answered.
func (s *service) ask(method string, do func() dbus.Variant) dbus.ObjectPath {
	s.prompt = func() (dbus.Variant, bool) {
		switch method {
		case s.deadly:
			go func() { _ = s.conn.Close() }()
			return dbus.Variant{}, false
		case s.unanswered:
			return dbus.Variant{}, false
		case s.dismiss:
			_ = s.complete(true, dbus.MakeVariant(""))
			return dbus.Variant{}, false
		}
		return do(), true
	}
	return promptPath
}

func (s *service) answer(string) *dbus.Error {
	s.enter()
	defer s.mu.Unlock()
	s.shown = true
	if result, done := s.prompt(); done {
		_ = s.complete(false, result)
	}
	return nil
}

func (s *service) complete(dismissed bool, result dbus.Variant) error {
	return s.conn.Emit(promptPath, "org.freedesktop.Secret.Prompt.Completed", dismissed, result)
}
