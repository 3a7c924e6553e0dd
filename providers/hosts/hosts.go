// Package hosts keeps the profiles of Git hosts: the file hosts.yaml in the
// config folder.
//
// Rules of this package:
//
//   - The file belongs to the person who wrote it. A change is a splice in its
//     text: comments, order and fields that this version does not know stay.
//   - Text stays text: client_id: 0123456 is those seven characters, whatever
//     YAML makes of them.
//   - A file that cannot be read is a FileError that says where and what, and
//     never repeats the text. It is refused as a whole: half a profile would
//     send a token to the wrong place.
//   - A host is identified by its Host.URL. Two profiles of one file never merge.
//   - What an admin shares lies beneath the person's own profiles: a field that
//     the person has written wins, one that is not written is the admin's. The
//     admin's limit on methods can be narrowed and never lifted. Shared files are
//     read and never written.
//   - A write is whole or did not happen, and no other process writes between
//     its reading and its writing.
package hosts

import (
	"errors"
	"net/url"
	"path/filepath"
	"slices"
	"sync"

	"gitgrant/providers"
	"gitgrant/providers/address"
)

// FileName is the name of the file in the config folder.
const FileName = "hosts.yaml"

// Refusals beside FileError.
var (
	ErrUnknown = errors.New("no profile has this name")
	ErrShared  = errors.New("the profile of this name is shared by an admin")
	ErrBusy    = errors.New("another process is changing the profiles")
)

// Book is the profiles of one file, and of those that lie beneath it. It may be
// used by several goroutines.
type Book struct {
	path  string // empty: in memory alone
	rules rules

	mu       sync.RWMutex
	text     string
	profiles []profile // of the file itself
}

// Open reads hosts.yaml in the config folder; without a file the book is empty.
// Without a folder the book is in memory alone. Profiles of kinds that no
// provider is given for are kept and not listed. Shared are folders in which an
// admin may have put such a file for everybody, the most important first.
func Open(dir string, known []providers.Provider, shared ...string) (*Book, error) {
	var beneath []profile
	for _, folder := range slices.Backward(shared) {
		if folder == dir {
			continue
		}
		b, err := open(folder, rules{known: known, beneath: beneath})
		if err != nil {
			return nil, err
		}
		beneath = b.everything()
	}
	r := rules{known: known, beneath: beneath}
	if dir != "" {
		return open(dir, r)
	}
	r.file = FileName
	b := &Book{rules: r}
	return b, b.read("")
}

func open(dir string, r rules) (*Book, error) {
	path := filepath.Join(dir, FileName)
	text, err := load(path)
	if err != nil {
		return nil, err
	}
	r.file, r.folder = path, dir
	b := &Book{path: path, rules: r}
	if err := b.read(text); err != nil {
		return nil, err
	}
	return b, nil
}

// Parse is a book in memory with the text of a file. The name is for errors,
// and its folder is what relative paths start from.
func Parse(name string, file []byte, known []providers.Provider) (*Book, error) {
	b := &Book{rules: rules{file: name, known: known}}
	if folder := filepath.Dir(name); folder != "." {
		b.rules.folder = folder
	}
	return b, b.read(string(file))
}

func (b *Book) read(text string) error {
	profiles, err := b.rules.profiles(text)
	if err != nil {
		return err
	}
	b.text, b.profiles = text, profiles
	return nil
}

// All are the profiles in the order of the file, and after them those that are
// shared alone.
func (b *Book) All() []providers.Host {
	var all []providers.Host
	for _, p := range b.everything() {
		if p.usable {
			all = append(all, clone(p.host))
		}
	}
	return all
}

func (b *Book) everything() []profile {
	b.mu.RLock()
	defer b.mu.RUnlock()
	all := slices.Clone(b.profiles)
	for _, p := range b.rules.beneath {
		if !slices.ContainsFunc(b.profiles, p.same) {
			all = append(all, p)
		}
	}
	return all
}

// LimitedBy is the file that limits the methods of a host; empty where none does.
func (b *Book) LimitedBy(url string) string {
	p, _ := b.find(url)
	return p.limit
}

// Path is the person's own file; empty where the book is in memory alone.
func (b *Book) Path() string { return b.path }

// Files are those that say something about a host, the person's own first.
func (b *Book) Files(url string) []string {
	p, _ := b.find(url)
	return slices.Clone(p.files)
}

// Text is the file as it stands.
func (b *Book) Text() []byte {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return []byte(b.text)
}

// Find is the profile of a host by its Host.URL.
func (b *Book) Find(url string) (providers.Host, bool) {
	p, found := b.find(url)
	if !found || !p.usable {
		return providers.Host{}, false
	}
	return clone(p.host), true
}

func (b *Book) find(url string) (profile, bool) {
	all := b.everything()
	i := slices.IndexFunc(all, func(p profile) bool { return p.host.URL == url })
	if i < 0 {
		return profile{}, false
	}
	return all[i], true
}

// Resolve is the host that a person means: the profile where there is one for
// it, else what the provider knows by itself. Empty is the provider's cloud
// host; a token never goes to a host that nobody named.
func (b *Book) Resolve(p providers.Provider, input string) (providers.Host, error) {
	located, err := p.Locate(input)
	if err != nil {
		return providers.Host{}, err
	}
	own, found := b.find(located.URL)
	if !found {
		return located, nil
	}
	if own.host.Provider != p.Kind() {
		return providers.Host{}, providers.ErrOtherKind
	}
	return clone(own.host), nil
}

// At is the profile that something pasted belongs to: by the host's own address
// or by the address of its pages, the longest that fits. What is for SSH names a
// machine alone, which tells where one profile is there.
func (b *Book) At(p address.Pasted) (providers.Host, bool) {
	var best providers.Host
	longest, fit := 0, 0
	for _, h := range b.All() {
		for _, base := range []string{h.URL, h.WebURL} {
			if p.Shell && machine(base) == machine(p.Address) {
				best, fit = h, fit+1
				break
			}
			if !p.Shell && len(base) > longest && address.Below(base, p.Address) {
				best, longest, fit = h, len(base), 1
			}
		}
	}
	return best, fit == 1
}

// machine is the name in an address, without port and path.
func machine(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// Only is the one host of a kind that has a profile: the one that is likely
// meant, where a person is asked.
func (b *Book) Only(kind providers.Kind) (providers.Host, bool) {
	all := slices.DeleteFunc(b.All(), func(h providers.Host) bool { return h.Provider != kind })
	if len(all) != 1 {
		return providers.Host{}, false
	}
	return all[0], true
}

// Set adds the profile of a host or changes the one that it has, and keeps what
// is there already of everything else. A profile that could not be read again
// is a FileError, and nothing is written.
func (b *Book) Set(h providers.Host) error {
	return b.change(func(text string) (string, error) { return b.rules.set(text, h) })
}

// Bars is why Set would refuse a profile; nil where it would not.
func (b *Book) Bars(h providers.Host) error {
	_, err := b.rules.set(string(b.Text()), h)
	return err
}

// Remove takes the profile of a host out, by its name as --host takes it. It is
// ErrUnknown where there is none, and ErrShared where it is not the person's.
func (b *Book) Remove(name string) error {
	return b.change(func(text string) (string, error) { return b.rules.remove(text, name) })
}

// change reads the file anew, since another process may have changed it. Who
// looks something up meanwhile does not wait for that process.
func (b *Book) change(edit func(string) (string, error)) error {
	if b.path == "" {
		b.mu.Lock()
		defer b.mu.Unlock()
		edited, err := edit(b.text)
		if err != nil {
			return err
		}
		return b.read(edited)
	}
	release, err := lock(b.path)
	if err != nil {
		return err
	}
	defer release()
	text, err := load(b.path)
	if err != nil {
		return err
	}
	edited, err := edit(text)
	if err == nil && edited != text {
		err = save(b.path, edited)
	}
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.read(edited)
}

func clone(h providers.Host) providers.Host {
	h.Methods = slices.Clone(h.Methods)
	return h
}

// nameOf is how a host is called in the file: without scheme where the name
// alone leads to the same address.
func nameOf(url string) string {
	u, err := address.Parse(url)
	if err != nil {
		return url
	}
	name := address.Name(u)
	if again, err := address.Parse(name); err != nil || again.String() != u.String() {
		return u.String()
	}
	return name
}
