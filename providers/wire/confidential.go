package wire

import (
	"encoding/json"

	"gitgrant/keyring/secret"
)

// Confidential is a text in the answer of a host that is a secret: a token, or
// a code that stands for one. It is never in the clear in what was read.
type Confidential struct{ secret.Secret }

// UnmarshalJSON takes a JSON text, and null for none.
func (c *Confidential) UnmarshalJSON(b []byte) error {
	var text string
	if err := json.Unmarshal(b, &text); err != nil {
		return err
	}
	c.Secret = secret.New(text)
	return nil
}
