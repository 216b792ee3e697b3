package config

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// decoder reads one file. It goes on after a problem, so that all are reported at once.
type decoder struct {
	file, dir string
	known     Known
	config    Config
	problems  []Problem
}

// node is a value in the file with the path of the keys that lead to it.
type node struct {
	*yaml.Node
	path string
}

func (d *decoder) fail(n node, format string, args ...any) {
	d.problems = append(d.problems, Problem{d.file, n.Line, n.Column, n.path, fmt.Sprintf(format, args...)})
}

func (d *decoder) failLine(line int, text string) {
	d.problems = append(d.problems, Problem{File: d.file, Line: max(line, 1), Text: text})
}

func (d *decoder) warn(n node, format string, args ...any) {
	d.config.warnings = append(d.config.warnings, fmt.Sprintf("%s:%d: %s: ", d.file, n.Line, n.path)+fmt.Sprintf(format, args...))
}

// plain refuses what YAML offers beyond plain values: each would let the file say
// something other than what stands there.
func (d *decoder) plain(n node) bool {
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		d.fail(n, "anchors and aliases (& and *) are not supported; write the value out, in quotes if it begins with such a sign")
	case n.Style&yaml.TaggedStyle != 0:
		d.fail(n, "tags (!) are not supported; leave the tag out, or put a value that begins with ! in quotes")
	default:
		return true
	}
	return false
}

func describe(n node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Tag == "!!null":
		return "empty"
	default:
		return "a single value"
	}
}

// short shows the value in a few letters.
func (n node) short() string {
	if n.Kind == yaml.ScalarNode {
		return quote(n.Value)
	}
	return describe(n)
}

func (n node) null() bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// object is a mapping whose keys are asked for one by one.
type object struct {
	node
	d      *decoder
	values map[string]node
	keys   []node // in the order of the file
	asked  []string
	broken bool // it is no mapping, so nothing is missing in it
}

// object reads n as a mapping. Whatever n is, the object can be asked; it is empty when n
// is no mapping. Its user calls done after the last key.
func (d *decoder) object(n node) *object {
	o := &object{node: n, d: d, values: map[string]node{}}
	switch {
	case !d.plain(n):
		o.broken = true
	case n.null():
	case n.Kind != yaml.MappingNode:
		o.broken = true
		d.fail(n, "must be a mapping (key: value), not %s", describe(n))
	default:
		for i := 0; i+1 < len(n.Content); i += 2 {
			o.add(n.Content[i], n.Content[i+1])
		}
	}
	return o
}

func (o *object) add(key, value *yaml.Node) {
	k := node{key, o.path}
	if key.Kind != yaml.ScalarNode || k.null() || key.Tag == "!!merge" {
		o.d.fail(k, "each key must be a single word; merge keys (<<) and lists or mappings as keys are not supported")
		return
	}
	if !o.d.plain(k) {
		return
	}
	k.path = join(o.path, key.Value)
	if first, twice := o.values[key.Value]; twice {
		o.d.fail(k, "the key is given twice, first on line %d; remove one of them", first.Line)
		return
	}
	o.values[key.Value] = node{value, k.path}
	o.keys = append(o.keys, k)
}

// join gives the path of a key. Of one with a sign in it that may have been meant to end
// it, only the beginning is shown: the rest may be a secret.
func join(path, key string) string {
	if name, _, more := strings.Cut(strings.ReplaceAll(key, "=", ":"), ":"); more {
		key = quote(name + "…")
	} else if strings.ContainsAny(key, ". \"") || key == "" || !printable(key) || looksSecret(key) {
		key = quote(key)
	}
	if path == "" {
		return key
	}
	return path + "." + key
}

// get gives the value of a key. Without one it gives an empty place at the object's own
// line, to hang an error on.
func (o *object) get(key string) (node, bool) {
	o.asked = append(o.asked, key)
	if n, ok := o.values[key]; ok {
		return n, true
	}
	return node{&yaml.Node{Kind: yaml.MappingNode, Line: o.Line, Column: o.Column}, join(o.path, key)}, false
}

// at is get for those who need only the place.
func (o *object) at(key string) node {
	n, _ := o.get(key)
	return n
}

// missing reports that a key is absent; help says what to give.
func (o *object) missing(key, help string) {
	if !o.broken {
		o.d.fail(o.at(key), "is missing; %s", help)
	}
}

// done reports the keys that nobody asked for.
func (o *object) done() {
	for _, k := range o.keys {
		if !slices.Contains(o.asked, k.Value) {
			o.d.fail(k, "unknown key; %s", suggest(k.Value, o.asked))
		}
	}
}

// list reads n as a list and gives its elements.
func (d *decoder) list(n node) []node {
	if !d.plain(n) || n.null() {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		d.fail(n, "must be a list ([a, b]), not %s", describe(n))
		return nil
	}
	all := make([]node, len(n.Content))
	for i, c := range n.Content {
		all[i] = node{c, fmt.Sprintf("%s[%d]", n.path, i)}
	}
	return all
}

// list reads a key as a list; none when it is absent.
func (o *object) list(key string) []node {
	n, ok := o.get(key)
	if !ok {
		return nil
	}
	return o.d.list(n)
}

// once reads the elements of a list by read and refuses repetitions.
func once[T comparable](d *decoder, elements []node, read func(node) (T, bool)) []T {
	var all []T
	seen := map[T]bool{}
	for _, n := range elements {
		v, ok := read(n)
		if ok && seen[v] {
			d.fail(n, "the same stands in the list twice (%s); remove one of them", n.short())
		} else if ok {
			seen[v] = true
			all = append(all, v)
		}
	}
	return all
}
