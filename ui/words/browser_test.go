package words_test

import (
	"strings"
	"testing"

	"gitgrant/ui/words"
)

func TestThePageAfterASignInNamesTheTerminalAndIsNothingButText(t *testing.T) {
	pages := words.ReturnPages("ops <1>", "tmux")
	for name, page := range map[string]string{"returned": string(pages.Returned), "denied": string(pages.Denied), "stray": string(pages.Stray)} {
		if !strings.Contains(page, "the terminal on ops &lt;1&gt; (tmux)") {
			t.Errorf("%s does not name the terminal: %s", name, page)
		}
		for _, left := range []string{"HEAD", "NEXT", "<script", "<1>"} {
			if strings.Contains(page, left) {
				t.Errorf("%s holds %q: %s", name, left, page)
			}
		}
	}
}
