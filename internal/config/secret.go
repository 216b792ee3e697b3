package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// masked stands for a secret wherever the configuration is shown.
const masked = "<secret>"

// secret is a value that must not be shown, or the file that holds it.
type secret struct {
	key   string  // path of its key, for errors
	value *string // by reference, since fmt prints what fields hold, but not what they point to
	file  string  // absolute or relative to the working directory; empty: value holds it
	named string  // the file as it is written in the configuration; masked if none was there
}

// String keeps the secret out of logs.
func (s *secret) String() string { return masked }

// GoString keeps the secret out of logs.
func (s *secret) GoString() string { return masked }

// read gives the secret as it is now.
func (s *secret) read() (string, error) {
	if s.file == "" {
		return *s.value, nil
	}
	value, err := contentOf(s.file)
	if err != nil {
		return "", fmt.Errorf("%s: %w", s.key, err)
	}
	return value, nil
}

// contentOf gives what the file of a secret holds, without the end of line that editors
// add. Where no file is, its error does not show the path, which may be the secret itself,
// written where its file belongs.
func contentOf(path string) (string, error) {
	data, err := readFile(path)
	if cause := (*fs.PathError)(nil); errors.As(err, &cause) && !isThere(path) {
		return "", fmt.Errorf("%w (what is written there is not shown: it might be the secret itself, not the path of its file)", cause.Err)
	}
	if err != nil {
		return "", err
	}
	value := strings.TrimRight(string(data), "\r\n")
	if strings.TrimSpace(value) == "" {
		return "", fmt.Errorf("%s is empty", path)
	}
	return value, nil
}

func isThere(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// nameOf gives the file of a secret as it may be shown: only when it is there.
func (d *decoder) nameOf(named string) string {
	if isThere(d.resolve(named)) {
		return named
	}
	return masked
}

func (d *decoder) resolve(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(d.dir, path)
}

// secretFile reads the path of a file that is read again on each use. That it is missing
// now is no error: secrets are often mounted, or renewed, by somebody else.
func (d *decoder) secretFile(o *object, key string) *secret {
	var named string
	if !o.text(key, &named) || !d.given(o.at(key), named) {
		return nil
	}
	n := o.at(key)
	s := &secret{key: n.path, file: d.resolve(named), named: d.nameOf(named)}
	if _, err := contentOf(s.file); err != nil {
		d.warn(n, "the file cannot be used yet: %v; relative paths start at %q", err, d.dir)
	}
	d.checkMode(n, s.file)
	return s
}

// contentNow reads a file whose content is needed at once.
func (d *decoder) contentNow(o *object, key string) *secret {
	var named string
	if !o.text(key, &named) || named == "" {
		return nil
	}
	n := o.at(key)
	path := d.resolve(named)
	value, err := contentOf(path)
	if err != nil {
		d.fail(n, "the file cannot be used: %v; mend the path or the file; relative paths start at %q", err, d.dir)
		return nil
	}
	return &secret{key: n.path, value: &value, file: path, named: named}
}

func (d *decoder) checkMode(n node, path string) {
	if readableByOthers(path) {
		d.warn(n, "%s can be read by every user of this machine; chmod 0600 it", path)
	}
}

func readableByOthers(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o004 != 0
}
