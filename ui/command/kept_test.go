package command_test

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"gitgrant/keyring/vault"
)

// TestAVaultIsKeptOpenWhereTheKernelCan runs the scripts for a kernel that
// keeps keys, or those for one that refuses.
func TestAVaultIsKeptOpenWhereTheKernelCan(t *testing.T) {
	dir := "testdata/kept"
	if err := vault.Keeps(); err != nil {
		t.Logf("it does not keep keys here: %v", err)
		dir = "testdata/unkept"
	}
	testscript.Run(t, testscript.Params{
		Dir:                 dir,
		Setup:               setUp,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"run":  func(ts *testscript.TestScript, _ bool, args []string) { run(ts, args); letNothingOut(ts) },
			"hand": func(ts *testscript.TestScript, _ bool, args []string) { run(ts, args) },
		},
	})
}
