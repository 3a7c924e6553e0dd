package sandbox

import (
	"embed"
	"encoding/json"
	"os"
)

// bodies holds the hosts' answers, with words such as $api, $web and $repo
// where the addresses and names of this sandbox go.
//
//go:embed bodies
var bodies embed.FS

// expand fills the words into a body before it is read as JSON, each escaped
// as JSON wants it.
func expand(name string, words map[string]string) map[string]any {
	text, err := bodies.ReadFile("bodies/" + name + ".json")
	if err != nil {
		panic("sandbox: " + err.Error())
	}
	filled := os.Expand(string(text), func(word string) string {
		quoted, _ := json.Marshal(words[word]) // a string always marshals
		return string(quoted[1 : len(quoted)-1])
	})
	var body map[string]any
	if err := json.Unmarshal([]byte(filled), &body); err != nil {
		panic("sandbox: " + name + ": " + err.Error())
	}
	return body
}
