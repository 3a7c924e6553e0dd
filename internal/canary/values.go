package canary

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"unsafe"
)

// Held looks for a token in a value and in everything that can be reached from
// it, unexported fields included: the texts that hold it in the clear, and the
// structs that show it when they are printed. Only types below the package path
// are entered, since a library's own are its own business, and of these not the
// test's own that are named. It returns what was
// found, and the names of all struct types that were looked at.
func Held(token, within string, except []string, values ...any) (found []string, types []string) {
	w := walk{token: token, within: within, except: except, seen: map[visited]bool{}, types: map[string]bool{}}
	for _, v := range values {
		w.value(reflect.ValueOf(v), fmt.Sprintf("%T", v))
	}
	for name := range w.types {
		types = append(types, name)
	}
	slices.Sort(types)
	return w.found, types
}

type visited struct {
	at   unsafe.Pointer
	kind reflect.Type
}

type walk struct {
	token, within string
	except        []string
	seen          map[visited]bool
	types         map[string]bool
	found         []string
}

func (w *walk) value(v reflect.Value, path string) {
	switch v.Kind() {
	case reflect.String:
		w.text(v.String(), path)
	case reflect.Pointer:
		if at := (visited{v.UnsafePointer(), v.Type()}); !v.IsNil() && !w.seen[at] {
			w.seen[at] = true
			w.value(v.Elem(), path)
		}
	case reflect.Interface:
		if !v.IsNil() {
			w.value(v.Elem(), path+"("+v.Elem().Type().String()+")")
		}
	case reflect.Map:
		for entries := v.MapRange(); entries.Next(); {
			w.value(entries.Key(), path+" key")
			w.value(entries.Value(), path+"[]")
		}
	case reflect.Slice, reflect.Array:
		w.list(v, path)
	case reflect.Struct:
		w.structure(v, path)
	}
}

// list joins bytes and characters into the text that they are.
func (w *walk) list(v reflect.Value, path string) {
	var text strings.Builder
	for i := range v.Len() {
		switch e := v.Index(i); e.Kind() {
		case reflect.Uint8:
			text.WriteByte(byte(e.Uint())) //nolint:gosec // it is one
		case reflect.Int32:
			text.WriteRune(rune(e.Int())) //nolint:gosec // it is one
		default:
			w.value(e, path+"[]")
		}
	}
	w.text(text.String(), path)
}

func (w *walk) structure(v reflect.Value, path string) {
	name := v.Type().String()
	if pkg := v.Type().PkgPath(); pkg != "" && !strings.HasPrefix(pkg, w.within) || slices.Contains(w.except, name) {
		return
	}
	w.types[name] = true
	w.printed(v, path)
	for i := range v.NumField() {
		w.value(v.Field(i), path+"."+v.Type().Field(i).Name)
	}
}

// printed has every printer have a go at a struct, as somebody would who looks
// for a fault and logs it. What the struct only leads to is left out: it is looked
// at by itself, and others may be at work on it.
func (w *walk) printed(v reflect.Value, path string) {
	if !v.CanAddr() {
		if !v.CanInterface() {
			return // it stands in a map or an interface of an unexported field, whose texts are looked at one by one
		}
		at := reflect.New(v.Type()).Elem()
		at.Set(v)
		v = at
	}
	copied := reflect.New(v.Type()).Elem()
	w.own(v, copied)
	value := copied.Interface()
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("state", "it", value)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("state", "it", value)
	asJSON, _ := json.Marshal(value) // what cannot be marshalled shows nothing
	places := map[string][]byte{
		path + " printed":     fmt.Appendf(nil, "%v %+v %#v %s %q", value, value, value, value, value),
		path + " in an error": []byte(fmt.Errorf("cannot use %+v", value).Error()),
		path + " in a log":    log.Bytes(),
		path + " as JSON":     asJSON,
	}
	for _, f := range Search(w.token, places) {
		w.found = append(w.found, f.String())
	}
}

// own copies the fields of a struct that are its own.
func (w *walk) own(from, to reflect.Value) {
	for i := range from.NumField() {
		f := reflect.NewAt(from.Field(i).Type(), from.Field(i).Addr().UnsafePointer()).Elem()
		g := reflect.NewAt(to.Field(i).Type(), to.Field(i).Addr().UnsafePointer()).Elem()
		switch f.Kind() {
		case reflect.Pointer, reflect.Interface, reflect.Chan:
		case reflect.Map, reflect.Slice, reflect.Array:
			if k := f.Type().Elem().Kind(); k != reflect.Pointer && k != reflect.Interface {
				g.Set(f)
			}
		case reflect.Struct:
			if strings.HasPrefix(f.Type().PkgPath(), w.within) || f.Type().PkgPath() == "" {
				w.own(f, g)
			}
		default:
			g.Set(f)
		}
	}
}

func (w *walk) text(text, path string) {
	for _, f := range Search(w.token, map[string][]byte{path: []byte(text)}) {
		w.found = append(w.found, f.String())
	}
}
