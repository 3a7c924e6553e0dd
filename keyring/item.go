package keyring

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"gitgrant/keyring/secret"
)

// A credential rests as a head item under a name that follows from the facts of
// its grant, and as pieces under names that carry a generation. The head says
// which generation counts, so writing it is the commit: the pieces of the next
// generation lie beside those of the current one until then, and nothing that
// counts is ever written in place or deleted first.
const (
	itemLimit   = 1800 // bytes of a value that every keychain takes
	inlineLimit = 768  // bytes of an access token that the head holds itself
	pieceLimit  = 1024 // pieces of one token; far above any real one
	itemPrefix  = "v1/"
	sealPrefix  = "gt1:" // first version of the envelope
	sumLength   = 16     // hex digits of the checksum
	sealLength  = len(sealPrefix) + sumLength + len(":")
	pieceSize   = (itemLimit - sealLength) / 4 * 3

	accessPart  = "access"
	refreshPart = "refresh"
)

// head is the payload of a head item.
type head struct {
	Generation uint64 `json:"generation"`
	Access     token  `json:"access"`
	Refresh    token  `json:"refresh,omitzero"`
}

// token describes a token by its pieces, or holds it.
type token struct {
	Text   []byte `json:"text,omitempty"`
	Pieces int    `json:"pieces,omitempty"`
	Size   int    `json:"size,omitempty"`
	Sum    string `json:"sha256,omitempty"`
}

// itemName depends on everything that a credential is bound to. A grant whose
// host is changed in the index does not find the token of the former host.
func itemName(g Grant) string {
	return itemPrefix + digest(g.Provider, g.Host, g.Runtime, g.Purpose, g.Account)
}

// digest is 32 hex digits of the SHA-256 over fields that cannot run together.
func digest(fields ...string) string {
	hash := sha256.New()
	for _, field := range fields {
		_, _ = fmt.Fprintf(hash, "%d:%s,", len(field), field)
	}
	return hex.EncodeToString(hash.Sum(nil))[:32]
}

func pieceName(item string, generation uint64, part string, number int) string {
	return fmt.Sprintf("%s/%d/%s/%d", item, generation, part, number)
}

// seal wraps a payload into printable text that is valid under one name only.
func seal(item string, payload []byte) secret.Secret {
	hash := sha256.New()
	_, _ = fmt.Fprintf(hash, "%d:%s,", len(item), item)
	hash.Write(payload)
	sum := hex.EncodeToString(hash.Sum(nil))[:sumLength]
	return secret.New(sealPrefix + sum + ":" + base64.RawURLEncoding.EncodeToString(payload))
}

// unseal returns the payload, or ErrCorrupt for any text that seal would not
// have written under this name.
func unseal(item string, sealed secret.Secret) ([]byte, error) {
	text := sealed.Reveal()
	if len(text) < sealLength || !strings.HasPrefix(text, sealPrefix) {
		return nil, ErrCorrupt
	}
	payload, err := base64.RawURLEncoding.DecodeString(text[sealLength:])
	if err != nil || !seal(item, payload).Equal(sealed) {
		return nil, ErrCorrupt
	}
	return payload, nil
}

// split describes a text and cuts what does not fit into the head.
func split(text secret.Secret, inline bool) (token, [][]byte) {
	raw := []byte(text.Reveal())
	if len(raw) == 0 {
		return token{}, nil
	}
	if inline && len(raw) <= inlineLimit {
		return token{Text: raw}, nil
	}
	sum := sha256.Sum256(raw)
	var pieces [][]byte
	for rest := raw; len(rest) > 0; {
		n := min(len(rest), pieceSize)
		pieces = append(pieces, rest[:n])
		rest = rest[n:]
	}
	return token{Pieces: len(pieces), Size: len(raw), Sum: hex.EncodeToString(sum[:])}, pieces
}

// write puts a credential down. The head comes last and makes it count.
func write(ctx context.Context, store Store, at place, c Credential) error {
	access, accessPieces := split(c.Access, true)
	refresh, refreshPieces := split(c.Refresh, false)
	if err := putPieces(ctx, store, at, accessPart, accessPieces); err != nil {
		return err
	}
	if err := putPieces(ctx, store, at, refreshPart, refreshPieces); err != nil {
		return err
	}
	payload, err := json.Marshal(head{at.Generation, access, refresh})
	if err != nil {
		return err
	}
	return store.Put(ctx, at.Item, seal(at.Item, payload))
}

func putPieces(ctx context.Context, store Store, at place, part string, pieces [][]byte) error {
	for number, piece := range pieces {
		name := pieceName(at.Item, at.Generation, part, number)
		if err := store.Put(ctx, name, seal(name, piece)); err != nil {
			return err
		}
	}
	return nil
}

// count says how many pieces a credential takes.
func count(c Credential) pieces {
	access, _ := split(c.Access, true)
	refresh, _ := split(c.Refresh, false)
	return pieces{Access: access.Pieces, Refresh: refresh.Pieces}
}

func (h head) pieces() pieces {
	return pieces{Access: h.Access.Pieces, Refresh: h.Refresh.Pieces}
}

// readHead returns ErrNotFound where there is no head, and ErrCorrupt for one
// that cannot be understood.
func readHead(ctx context.Context, store Store, item string) (head, error) {
	sealed, err := store.Get(ctx, item)
	if err != nil {
		return head{}, err
	}
	payload, err := unseal(item, sealed)
	if err != nil {
		return head{}, err
	}
	var h head
	if json.Unmarshal(payload, &h) != nil || !h.Access.sound() || !h.Refresh.sound() {
		return head{}, ErrCorrupt
	}
	return h, nil
}

func (t token) sound() bool {
	return t.Pieces >= 0 && t.Pieces <= pieceLimit && t.Size >= 0
}

// readCredential reads what the head says. Where a piece is gone because
// another process has just moved on to the next generation, it starts again.
func readCredential(ctx context.Context, store Store, item string) (Credential, error) {
	h, err := readHead(ctx, store, item)
	for err == nil {
		c, pieceErr := readPieces(ctx, store, item, h)
		if !errors.Is(pieceErr, ErrCorrupt) {
			return c, pieceErr
		}
		before := h.Generation
		if h, err = readHead(ctx, store, item); err == nil && h.Generation == before {
			return Credential{}, ErrCorrupt
		}
	}
	return Credential{}, err
}

func readPieces(ctx context.Context, store Store, item string, h head) (Credential, error) {
	access, err := join(ctx, store, item, h.Generation, accessPart, h.Access)
	if err != nil {
		return Credential{}, err
	}
	refresh, err := join(ctx, store, item, h.Generation, refreshPart, h.Refresh)
	if err != nil {
		return Credential{}, err
	}
	return Credential{Access: access, Refresh: refresh}, nil
}

func join(ctx context.Context, store Store, item string, generation uint64, part string, t token) (secret.Secret, error) {
	if t.Pieces == 0 {
		return secret.New(string(t.Text)), nil
	}
	var raw []byte
	for number := range t.Pieces {
		name := pieceName(item, generation, part, number)
		sealed, err := store.Get(ctx, name)
		if errors.Is(err, ErrNotFound) {
			err = ErrCorrupt
		}
		if err != nil {
			return secret.Secret{}, err
		}
		piece, err := unseal(name, sealed)
		if err != nil {
			return secret.Secret{}, err
		}
		raw = append(raw, piece...)
	}
	sum := sha256.Sum256(raw)
	if len(raw) != t.Size || hex.EncodeToString(sum[:]) != t.Sum {
		return secret.Secret{}, ErrCorrupt
	}
	return secret.New(string(raw)), nil
}
