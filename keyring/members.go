package keyring

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
)

// members are those of a JSON object that this version does not know.
type members map[string]json.RawMessage

// decode fills known, a pointer to a struct, and returns what it has no field
// for. Mostly that is nothing, and then the object is read once.
func decode(data []byte, known any) (members, error) {
	strict := json.NewDecoder(bytes.NewReader(data))
	strict.DisallowUnknownFields()
	if strict.Decode(known) == nil {
		return nil, nil
	}
	if err := json.Unmarshal(data, known); err != nil {
		return nil, err
	}
	var all members
	if err := json.Unmarshal(data, &all); err != nil {
		return nil, err
	}
	fields := fieldNames(reflect.TypeOf(known).Elem())
	for name, value := range all {
		if slices.ContainsFunc(fields, func(field string) bool { return strings.EqualFold(field, name) }) {
			delete(all, name)
			continue
		}
		compact, err := compacted(value)
		if err != nil {
			return nil, err
		}
		all[name] = compact
	}
	return all, nil
}

// compacted is a value without white space between its parts, as it is written.
func compacted(value json.RawMessage) (json.RawMessage, error) {
	var compact bytes.Buffer
	compact.Grow(len(value))
	err := json.Compact(&compact, value)
	return compact.Bytes(), err
}

// encode is the inverse of decode.
func encode(known any, unknown members) ([]byte, error) {
	data, err := json.Marshal(known)
	if err != nil || len(unknown) == 0 {
		return data, err
	}
	rest, err := json.Marshal(unknown)
	if err != nil {
		return nil, err
	}
	// Both are objects and the first is never empty: join {a} and {b} as {a,b}.
	return slices.Concat(data[:len(data)-1], []byte(","), rest[1:]), nil
}

func fieldNames(t reflect.Type) []string {
	var names []string
	for field := range t.Fields() {
		if field.Anonymous {
			names = append(names, fieldNames(field.Type)...)
		} else if tag, ok := field.Tag.Lookup("json"); ok {
			name, _, _ := strings.Cut(tag, ",")
			names = append(names, name)
		}
	}
	return names
}

// The types below have the fields of their namesakes and none of the methods,
// so that encoding/json does not come back here.
type (
	plainIndex  index
	plainEntry  entry
	plainChange change
)

// UnmarshalJSON keeps what it does not know.
func (x *index) UnmarshalJSON(data []byte) (err error) {
	x.unknown, err = decode(data, (*plainIndex)(x))
	return err
}

// MarshalJSON writes back what was not known.
func (x index) MarshalJSON() ([]byte, error) { return encode(plainIndex(x), x.unknown) }

// UnmarshalJSON keeps what it does not know.
func (e *entry) UnmarshalJSON(data []byte) (err error) {
	e.unknown, err = decode(data, (*plainEntry)(e))
	e.Renewable = e.Pieces.Refresh > 0 // a refresh token has items of its own, whatever its size
	if err != nil || len(e.Verdict) == 0 {
		return err
	}
	e.Verdict, err = compacted(e.Verdict)
	return err
}

// MarshalJSON writes back what was not known.
func (e entry) MarshalJSON() ([]byte, error) { return encode(plainEntry(e), e.unknown) }

// UnmarshalJSON keeps what it does not know.
func (c *change) UnmarshalJSON(data []byte) (err error) {
	c.unknown, err = decode(data, (*plainChange)(c))
	return err
}

// MarshalJSON writes back what was not known.
func (c change) MarshalJSON() ([]byte, error) { return encode(plainChange(c), c.unknown) }
