// Gitgrant takes people through authorizing Git access for GitOps runtimes, and
// keeps the tokens in the keychain of their system.
package main

import (
	"os"

	"gitgrant/ui/command"
)

func main() { os.Exit(command.Main()) }
