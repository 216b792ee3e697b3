//go:build linux

package eventstore_test

import (
	"maps"
	"math/rand/v2"
	"slices"
)

// kind is what an operation does to a disk.
type kind int

const (
	opWrite kind = iota
	opTruncate
	opSync
	opCreate
	opRemove
	opRename
	opSyncDir
	opBegin  // a commit begins
	opEnd    // all that have begun were acknowledged as durable
	opLoaded // the contents were read
)

// op is one operation on the files of a directory.
type op struct {
	kind     kind
	file, to string // to: its new name
	at       int64  // where bytes go, or the new size
	bytes    []byte
	lock     []byte // what the file that is locked said before; SQLite does not know of it
}

// disk is a directory on a disk that remembers of unsynced writes only what it likes. The
// changes to the directory itself survive in their order, as on file systems with a
// journal; those to its files do not even do that.
type disk struct {
	live    map[string]*content   // as the running system sees it
	durable map[string]*content   // as it was when it was last synced
	entries []map[string]*content // what the directory became since
}

// content is what a file holds.
type content struct {
	durable []byte
	since   []op // unsynced
}

// sector is how much of a file is written as a whole, in bytes.
const sector = 512

// newDisk gives a disk that holds these files durably.
func newDisk(files map[string][]byte) *disk {
	d := &disk{live: map[string]*content{}}
	for name, bytes := range files {
		d.live[name] = &content{durable: slices.Clone(bytes)}
	}
	d.durable = maps.Clone(d.live)
	return d
}

func (d *disk) has(name string) bool { return d.live[name] != nil }

// apply does what an operation does.
func (d *disk) apply(o op) {
	switch o.kind {
	case opWrite, opTruncate:
		d.live[o.file].since = append(d.live[o.file].since, o)
	case opSync:
		f := d.live[o.file]
		f.durable, f.since = f.done(f.durable), nil
	case opCreate:
		d.live[o.file] = &content{}
		d.changed()
	case opRemove:
		delete(d.live, o.file)
		d.changed()
	case opRename:
		d.live[o.to] = d.live[o.file]
		delete(d.live, o.file)
		d.changed()
	case opSyncDir:
		d.durable, d.entries = maps.Clone(d.live), nil
	case opBegin, opEnd, opLoaded:
	}
}

func (d *disk) changed() { d.entries = append(d.entries, maps.Clone(d.live)) }

// clone gives a disk in the same state.
func (d *disk) clone() *disk {
	known := map[*content]*content{}
	names := func(m map[string]*content) map[string]*content {
		own := map[string]*content{}
		for name, f := range m {
			if known[f] == nil {
				known[f] = &content{durable: slices.Clone(f.durable), since: slices.Clone(f.since)}
			}
			own[name] = known[f]
		}
		return own
	}
	c := &disk{live: names(d.live), durable: names(d.durable)}
	for _, m := range d.entries {
		c.entries = append(c.entries, names(m))
	}
	return c
}

// files gives what the running system sees.
func (d *disk) files() map[string][]byte {
	return images(d.live, (*content).whole)
}

// fate says what becomes of unsynced writes when the power fails.
type fate int

const (
	lost      fate = iota // none of them survives
	kept                  // all do
	cutShort              // of each file the first ones do, the last of them in part
	scattered             // of each sector, any number of the writes to it does
)

func anyFate(r *rand.Rand) fate { return []fate{lost, kept, cutShort, scattered}[r.IntN(4)] }

// powerCut gives what the disk holds when the power is back.
func (d *disk) powerCut(r *rand.Rand, what fate) map[string][]byte {
	names := append([]map[string]*content{d.durable}, d.entries...)
	then := names[r.IntN(len(names))]
	switch what {
	case lost:
		return images(d.durable, func(f *content) []byte { return f.durable })
	case cutShort:
		return images(then, func(f *content) []byte { return f.cutShort(r) })
	case scattered:
		return images(then, func(f *content) []byte { return f.scattered(r) })
	case kept:
	}
	return d.files()
}

// images are made in the order of the names, so that the same seed makes the same ones.
func images(names map[string]*content, of func(*content) []byte) map[string][]byte {
	files := map[string][]byte{}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		files[name] = slices.Clone(of(names[name]))
	}
	return files
}

// whole is the file with all that was done to it.
func (f *content) whole() []byte { return f.done(slices.Clone(f.durable)) }

// done does to bytes what is unsynced.
func (f *content) done(bytes []byte) []byte {
	for _, o := range f.since {
		bytes = o.on(bytes)
	}
	return bytes
}

// on gives the bytes of a file after the operation.
func (o op) on(bytes []byte) []byte {
	end := int(o.at) + len(o.bytes)
	if o.kind == opTruncate && len(bytes) > end {
		return bytes[:end]
	}
	bytes = grown(bytes, end)
	copy(bytes[o.at:], o.bytes)
	return bytes
}

func (f *content) cutShort(r *rand.Rand) []byte {
	n := r.IntN(len(f.since) + 1)
	bytes := (&content{durable: f.durable, since: f.since[:n]}).whole()
	if n == len(f.since) || f.since[n].kind == opTruncate {
		return bytes
	}
	torn := f.since[n]
	ends := sector - int(torn.at)%sector + sector*r.IntN(len(torn.bytes)/sector+1)
	torn.bytes = torn.bytes[:min(ends, len(torn.bytes))]
	return torn.on(bytes)
}

// scattered picks a moment for the size of the file and for each of its sectors, and puts
// together what they were then. What no write reached that survived is zero. Writes behind
// a truncation that did not survive went to places that no longer belong to the file.
func (f *content) scattered(r *rand.Rand) []byte {
	size, last := r.IntN(len(f.since)+1), len(f.since)
	if i := slices.IndexFunc(f.since[size:], func(o op) bool { return o.kind == opTruncate }); i >= 0 {
		last = size + i
	}
	moments := map[int]int{}
	survives := func(i, n int) bool {
		if _, ok := moments[n]; !ok {
			moments[n] = r.IntN(last + 1)
		}
		return i < moments[n]
	}
	bytes, end := slices.Clone(f.durable), len(f.durable)
	for i, o := range f.since[:last] {
		if o.kind == opTruncate {
			bytes = o.on(bytes)
			end = len(bytes)
			continue
		}
		from, to := int(o.at), int(o.at)+len(o.bytes)
		if i < size {
			end = max(end, to)
		}
		bytes = grown(bytes, to)
		for n := from / sector; n*sector < to; n++ {
			if first := max(from, n*sector); survives(i, n) {
				copy(bytes[first:min((n+1)*sector, to)], o.bytes[first-from:])
			}
		}
	}
	return grown(bytes, end)[:end]
}

// grown gives bytes with zeros behind them, so that there are at least n.
func grown(bytes []byte, n int) []byte {
	return append(bytes, make([]byte, max(0, n-len(bytes)))...)
}
