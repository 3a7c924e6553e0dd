package memory_test

import (
	"testing"

	"gitgrant/keyring/memory"
	"gitgrant/keyring/storetest"
)

func TestMemoryIsAStore(t *testing.T) { storetest.Contract(t, memory.New()) }

func TestARingOverMemory(t *testing.T) { storetest.RingOver(t, memory.New()) }
