package words_test

import (
	"regexp"
	"strings"
	"testing"

	"gitgrant/flows"
	"gitgrant/ui/words"
)

// A text with a capital letter, or with more than one word, is read by people.
var sentence = regexp.MustCompile(`[A-Z]|[a-z].* |  *[a-z]`)

func TestTheLinesHaveNoWordsOfTheirOwn(t *testing.T) {
	texts := 0
	literals(t, "../plain", func(text string) {
		texts++
		if found := sentence.FindString(text); found != "" {
			t.Errorf("%q belongs to these words", text)
		}
	})
	if texts < 50 {
		t.Errorf("only %d texts were found", texts)
	}
}

func TestAPromptSaysWhatAnEmptyAnswerMeans(t *testing.T) {
	choices := []flows.Option{{ID: "one"}, {ID: "two"}}
	for name, test := range map[string]struct {
		q    flows.Question
		want string
	}{
		"nothing":            {flows.Question{Ask: flows.AskText}, "Answer"},
		"the text before":    {flows.Question{Ask: flows.AskText, Default: "prod"}, "Answer, or Enter for prod"},
		"nothing, of a few":  {flows.Question{Ask: flows.AskChoice, Options: choices}, "Number"},
		"one of a few":       {flows.Question{Ask: flows.AskChoice, Options: choices, Default: "two"}, "Number, or Enter for 2"},
		"the token before":   {flows.Question{Ask: flows.AskToken, Kept: true}, "Answer, or Enter to keep the token that you gave"},
		"the secret before":  {flows.Question{Ask: flows.AskSecret, Kept: true}, "Answer, or Enter to keep the secret that you gave"},
		"not the one before": {flows.Question{Ask: flows.AskToken, Kept: true, Refused: true}, "Another token, since the last was refused"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := words.Prompt(test.q); got != test.want {
				t.Errorf("%q", got)
			}
		})
	}
}

func TestAChoiceIsOneLineThatEndsWithAStop(t *testing.T) {
	for about, want := range map[string]string{
		"":                     "2. Save.",
		"the next one":         "2. Save, the next one.",
		"It ends. It goes on.": "2. Save. It ends. It goes on.",
	} {
		if got := words.NumberedChoice(2, "Save", about); got != want {
			t.Errorf("%q", got)
		}
	}
	if got := words.TypedChoice("Make a token", "pat"); !strings.HasSuffix(got, ": type pat.") {
		t.Errorf("%q", got)
	}
}
