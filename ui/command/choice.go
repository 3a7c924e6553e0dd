package command

import (
	"slices"

	"github.com/spf13/cobra"

	"gitgrant/ui/words"
)

// choice is a flag that takes one of a few words.
type choice[T ~string] struct {
	value *T
	name  string
	takes []T
}

func choiceOf[T ~string](value *T, name string, takes ...T) *choice[T] {
	return &choice[T]{value, name, takes}
}

// Set implements pflag.Value.
func (c *choice[T]) Set(text string) error {
	if !slices.Contains(c.takes, T(text)) {
		return words.BadValue(text, c.name, texts(c.takes)...)
	}
	*c.value = T(text)
	return nil
}

// String implements pflag.Value.
func (c *choice[T]) String() string {
	if c.value == nil {
		return ""
	}
	return string(*c.value)
}

// Type implements pflag.Value; help shows it.
func (c *choice[T]) Type() string { return "WORD" }

// bindChoice adds such a flag to a command, with its completion.
func bindChoice[T ~string](cmd *cobra.Command, value *T, name, usage string, takes ...T) {
	cmd.Flags().Var(choiceOf(value, "--"+name, takes...), name, usage)
	complete(cmd, name, fixed(texts(takes)))
}

func texts[T ~string](values []T) []string {
	var list []string
	for _, v := range values {
		list = append(list, string(v))
	}
	return list
}
