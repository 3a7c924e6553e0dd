package providers

import (
	"context"

	"gitgrant/providers/wire"
)

// Rechecker is a Provider whose hosts take several questions about a token, of
// which some have an answer that never changes.
type Rechecker interface {
	// Recheck is Inspect for a token that was inspected before: known is whose
	// it is, and of what kind.
	Recheck(ctx context.Context, c *wire.Client, h Host, cred Credential, known Inspection) (Inspection, error)
}
