// Command cut takes the few operations that gitgrant uses out of GitHub's API
// description, with the components that they refer to. The whole is more than
// ten megabytes, of which a test wants a hundredth.
//
// It reads from a folder that holds the unpacked npm package @octokit/openapi
// and writes into testdata; see testdata/README.md.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// used are the operations that are kept: all of them only read.
var used = []string{
	"/", "/meta", "/rate_limit", "/user", "/repos/{owner}/{repo}", "/repos/{owner}/{repo}/hooks",
	"/repos/{owner}/{repo}/contents/{path}", "/repos/{owner}/{repo}/commits",
}

var descriptions = []string{"api.github.com.json", "ghes-3.19.json"}

type object = map[string]any

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: cut FOLDER-OF-THE-PACKAGE")
		os.Exit(2)
	}
	for _, name := range descriptions {
		if err := cut(filepath.Join(os.Args[1], "generated", name), filepath.Join("testdata", name)); err != nil {
			fmt.Fprintln(os.Stderr, "cut:", err)
			os.Exit(1)
		}
	}
}

func cut(from, to string) error {
	text, err := os.ReadFile(from) //nolint:gosec // the folder is the caller's to choose
	if err != nil {
		return err
	}
	var whole object
	if err := json.Unmarshal(text, &whole); err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	paths := object{}
	part := object{"openapi": whole["openapi"], "info": whole["info"], "paths": paths, "components": object{}}
	for _, path := range used {
		get, ok := at(whole, "paths", path, "get").(object)
		if !ok {
			return fmt.Errorf("%s has no GET %s", from, path)
		}
		paths[path] = object{"get": get}
	}
	prune(part)
	if err := follow(whole, part, part); err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	small, err := json.MarshalIndent(part, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(to, append(small, '\n'), 0o600)
}

// follow copies into part every component that node refers to, and what those
// refer to in turn.
func follow(whole, part object, node any) error {
	switch node := node.(type) {
	case []any:
		for _, item := range node {
			if err := follow(whole, part, item); err != nil {
				return err
			}
		}
	case object:
		if ref, ok := node["$ref"].(string); ok {
			return copyComponent(whole, part, ref)
		}
		for _, value := range node {
			if err := follow(whole, part, value); err != nil {
				return err
			}
		}
	}
	return nil
}

func copyComponent(whole, part object, ref string) error {
	steps := strings.Split(ref, "/")
	if len(steps) != 4 || steps[0] != "#" || steps[1] != "components" {
		return fmt.Errorf("%s is no component", ref)
	}
	kind, name := steps[2], steps[3]
	if at(part, "components", kind, name) != nil {
		return nil
	}
	component := at(whole, "components", kind, name)
	if component == nil {
		return fmt.Errorf("%s is not there", ref)
	}
	prune(component)
	components, _ := part["components"].(object)
	shelf, ok := components[kind].(object)
	if !ok {
		shelf = object{}
		components[kind] = shelf
	}
	shelf[name] = component
	return follow(whole, part, component)
}

// prune takes out what no validator reads: examples and GitHub's own notes.
func prune(node any) {
	switch node := node.(type) {
	case []any:
		for _, item := range node {
			prune(item)
		}
	case object:
		for key, value := range node {
			_, schema := value.(object)
			extension := strings.HasPrefix(key, "x-")
			if extension || key == "examples" || key == "example" && !schema {
				delete(node, key)
				continue
			}
			prune(value)
		}
	}
}

func at(node any, steps ...string) any {
	for _, step := range steps {
		inner, ok := node.(object)
		if !ok {
			return nil
		}
		node = inner[step]
	}
	return node
}
