//go:build !windows && !darwin

package notify

import (
	"context"
	"slices"

	"github.com/godbus/dbus/v5"
)

// The notifications of freedesktop.org. The library for other systems would
// start a bus where there is none, and waits for its answer without an end.
const (
	name   = "org.freedesktop.Notifications"
	object = dbus.ObjectPath("/org/freedesktop/Notifications")
	byself = int32(-1) // the desktop takes it away when it likes
)

func show(ctx context.Context, title, body string) error {
	conn, err := dbus.SessionBusPrivateNoAutoStartup(dbus.WithContext(ctx))
	if err != nil {
		return ErrNoDesktop
	}
	defer func() { _ = conn.Close() }()
	if conn.Auth(nil) != nil || conn.Hello() != nil {
		return ErrNoDesktop
	}
	const replaces = uint32(0) // no other notification
	return conn.Object(name, object).CallWithContext(ctx, name+".Notify", 0,
		program, replaces, "", title, body, []string{}, map[string]dbus.Variant{}, byself).Err
}

// Here reports whether a desktop would take a notification. It shows none, and
// starts nothing.
func Here(ctx context.Context) bool {
	conn, err := dbus.SessionBusPrivateNoAutoStartup(dbus.WithContext(ctx))
	if err != nil {
		return false
	}
	defer func() { _ = conn.Close() }()
	if conn.Auth(nil) != nil || conn.Hello() != nil {
		return false
	}
	var names []string
	for _, method := range []string{"ListNames", "ListActivatableNames"} {
		err := conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus."+method, 0).Store(&names)
		if err == nil && slices.Contains(names, name) {
			return true
		}
	}
	return false
}
