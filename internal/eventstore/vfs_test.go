//go:build linux

package eventstore_test

import (
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// tape stands between SQLite and the operating system, as its default VFS, and records
// what SQLite does to the files of one directory. Other files pass through. What it
// records is carried out too, except for syncs, whose effect is for the disk to tell.
type tape struct {
	vfs     uintptr             // the tape's sqlite3_vfs
	below   uintptr             // that of the operating system
	keep    []any               // functions that only SQLite's memory points to
	methods map[uintptr]uintptr // the tape's sqlite3_io_methods for those of below

	mu    sync.Mutex
	dir   string
	files map[uintptr]file // open ones, by their sqlite3_file
	disk  *disk
	ops   []op
	fail  func(op) int32 // says whether an operation fails, and how; nil: none does
}

// file is one that SQLite has open.
type file struct {
	name    string
	methods uintptr // of below
	entry   bool    // its first sync is one of the directory, too
}

type (
	openFunc     = func(tls *libc.TLS, vfs, name, file uintptr, flags int32, out uintptr) int32
	deleteFunc   = func(tls *libc.TLS, vfs, name uintptr, syncDir int32) int32
	closeFunc    = func(tls *libc.TLS, file uintptr) int32
	writeFunc    = func(tls *libc.TLS, file, bytes uintptr, n int32, at int64) int32
	truncateFunc = func(tls *libc.TLS, file uintptr, size int64) int32
)

// at gives the object in SQLite's memory at p, which Go's collector does not move.
func at[T any](p uintptr) *T {
	return *(**T)(unsafe.Pointer(&p))
}

// function gives the function at the address p, as SQLite's translation to Go calls it.
func function[F any](p uintptr) F {
	return *(*F)(unsafe.Pointer(&p)) // a func is the address of its code's address
}

// address is the inverse of function. The tape keeps f alive.
func (v *tape) address(f any, p unsafe.Pointer) uintptr {
	v.keep = append(v.keep, f)
	return *(*uintptr)(p)
}

// newTape makes a tape the default VFS until the test ends.
func newTape(t *testing.T) *tape {
	t.Helper()
	tls := libc.NewTLS()
	v := &tape{methods: map[uintptr]uintptr{}, files: map[uintptr]file{}}
	v.below = sqlite3.Xsqlite3_vfs_find(tls, 0)
	require.NotZero(t, v.below)
	const size = unsafe.Sizeof(sqlite3.Tsqlite3_vfs{})
	v.vfs = libc.Xmalloc(tls, libc.Tsize_t(size))
	name, err := libc.CString("tape")
	require.NoError(t, err)
	own := at[sqlite3.Tsqlite3_vfs](v.vfs)
	*own = *at[sqlite3.Tsqlite3_vfs](v.below)
	open, remove := v.open, v.remove
	own.FzName, own.FpNext = name, 0
	own.FxOpen, own.FxDelete = v.address(open, unsafe.Pointer(&open)), v.address(remove, unsafe.Pointer(&remove))
	require.Zero(t, sqlite3.Xsqlite3_vfs_register(tls, v.vfs, 1))
	t.Cleanup(func() {
		require.Zero(t, sqlite3.Xsqlite3_vfs_register(tls, v.below, 1))
		require.Zero(t, sqlite3.Xsqlite3_vfs_unregister(tls, v.vfs))
		require.Empty(t, v.files, "a store was left open")
		for _, methods := range v.methods {
			libc.Xfree(tls, methods)
		}
		libc.Xfree(tls, name)
		libc.Xfree(tls, v.vfs)
		tls.Close()
	})
	return v
}

// record begins a recording of what happens in dir, whose files are those of d.
func (v *tape) record(dir string, d *disk) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.dir, v.disk, v.ops, v.fail = dir, d, nil, nil
}

// note records o, unless it is to fail.
func (v *tape) note(o op) int32 {
	if v.fail != nil {
		if code := v.fail(o); code != sqlite3.SQLITE_OK {
			return code
		}
	}
	o.lock, _ = os.ReadFile(filepath.Join(v.dir, "LOCK"))
	v.ops = append(v.ops, o)
	v.disk.apply(o)
	return sqlite3.SQLITE_OK
}

// mark records that a commit begins or is over.
func (v *tape) mark(k kind) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.note(op{kind: k})
}

func (v *tape) open(tls *libc.TLS, vfs, name, f uintptr, flags int32, out uintptr) int32 {
	code := function[openFunc](at[sqlite3.Tsqlite3_vfs](v.below).FxOpen)(tls, vfs, name, f, flags, out)
	v.mu.Lock()
	defer v.mu.Unlock()
	path := libc.GoString(name)
	if code != sqlite3.SQLITE_OK || name == 0 || filepath.Dir(path) != v.dir {
		return code
	}
	opened := file{name: filepath.Base(path), methods: at[sqlite3.Tsqlite3_file](f).FpMethods}
	const journals = sqlite3.SQLITE_OPEN_WAL | sqlite3.SQLITE_OPEN_MAIN_JOURNAL
	opened.entry = flags&sqlite3.SQLITE_OPEN_CREATE != 0 && flags&journals != 0
	v.appears(opened.name)
	v.files[f] = opened
	at[sqlite3.Tsqlite3_file](f).FpMethods = v.recording(tls, opened.methods)
	return code
}

// appears records how a file came to be that was not there before. The store makes a new
// database under another name, renames it, and syncs the directory, without SQLite.
func (v *tape) appears(name string) {
	const draft = ".new"
	switch _, err := os.Stat(filepath.Join(v.dir, name+draft)); {
	case v.disk.has(name):
	case v.disk.has(name+draft) && os.IsNotExist(err):
		v.note(op{kind: opRename, file: name + draft, to: name})
		v.note(op{kind: opSyncDir})
	default:
		v.note(op{kind: opCreate, file: name})
	}
}

// recording gives the methods of a file that is recorded.
func (v *tape) recording(tls *libc.TLS, below uintptr) uintptr {
	if m := v.methods[below]; m != 0 {
		return m
	}
	m := libc.Xmalloc(tls, libc.Tsize_t(unsafe.Sizeof(sqlite3.Tsqlite3_io_methods{})))
	own := at[sqlite3.Tsqlite3_io_methods](m)
	*own = *at[sqlite3.Tsqlite3_io_methods](below)
	shut, write, cut, sync := v.shut, v.write, v.truncate, v.sync
	own.FxClose = v.address(shut, unsafe.Pointer(&shut))
	own.FxWrite = v.address(write, unsafe.Pointer(&write))
	own.FxTruncate = v.address(cut, unsafe.Pointer(&cut))
	own.FxSync = v.address(sync, unsafe.Pointer(&sync))
	v.methods[below] = m
	return m
}

func (v *tape) remove(tls *libc.TLS, vfs, name uintptr, dir int32) int32 {
	v.mu.Lock()
	defer v.mu.Unlock()
	path := libc.GoString(name)
	if filepath.Dir(path) == v.dir && v.disk.has(filepath.Base(path)) {
		v.note(op{kind: opRemove, file: filepath.Base(path)})
		if dir != 0 {
			v.note(op{kind: opSyncDir})
		}
	}
	return function[deleteFunc](at[sqlite3.Tsqlite3_vfs](v.below).FxDelete)(tls, vfs, name, dir)
}

// of gives an open file and the methods below it.
func (v *tape) of(f uintptr) (file, *sqlite3.Tsqlite3_io_methods) {
	opened := v.files[f]
	return opened, at[sqlite3.Tsqlite3_io_methods](opened.methods)
}

func (v *tape) shut(tls *libc.TLS, f uintptr) int32 {
	v.mu.Lock()
	_, below := v.of(f)
	delete(v.files, f)
	v.mu.Unlock()
	return function[closeFunc](below.FxClose)(tls, f)
}

func (v *tape) write(tls *libc.TLS, f, bytes uintptr, n int32, pos int64) int32 {
	v.mu.Lock()
	defer v.mu.Unlock()
	opened, below := v.of(f)
	if code := v.note(op{kind: opWrite, file: opened.name, at: pos, bytes: slices.Clone(libc.GoBytes(bytes, int(n)))}); code != sqlite3.SQLITE_OK {
		return code
	}
	return function[writeFunc](below.FxWrite)(tls, f, bytes, n, pos)
}

func (v *tape) truncate(tls *libc.TLS, f uintptr, size int64) int32 {
	v.mu.Lock()
	defer v.mu.Unlock()
	opened, below := v.of(f)
	if code := v.note(op{kind: opTruncate, file: opened.name, at: size}); code != sqlite3.SQLITE_OK {
		return code
	}
	return function[truncateFunc](below.FxTruncate)(tls, f, size)
}

// sync makes what was written durable on the recorded disk. The first sync of a new
// journal includes its directory, as in SQLite's own VFS for Unix.
func (v *tape) sync(_ *libc.TLS, f uintptr, _ int32) int32 {
	v.mu.Lock()
	defer v.mu.Unlock()
	opened, _ := v.of(f)
	if code := v.note(op{kind: opSync, file: opened.name}); code != sqlite3.SQLITE_OK {
		return code
	}
	if opened.entry {
		opened.entry = false
		v.files[f] = opened
		v.note(op{kind: opSyncDir})
	}
	return sqlite3.SQLITE_OK
}
