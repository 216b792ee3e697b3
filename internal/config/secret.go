package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// masked stands for a secret wherever the configuration is shown.
const masked = "<secret>"

// secret is a value that must not be shown, or the file that holds it.
type secret struct {
	key   string // path of its key, for errors
	value string
	file  string // absolute or relative to the working directory; empty: value holds it
	named string // the file as it is written in the configuration
}

// String keeps the secret out of logs.
func (s *secret) String() string { return masked }

// GoString keeps the secret out of logs.
func (s *secret) GoString() string { return masked }

// read gives the secret, without the end of line that editors add.
func (s *secret) read() (string, error) {
	if s.file == "" {
		return s.value, nil
	}
	data, err := readFile(s.file)
	if err != nil {
		return "", fmt.Errorf("%s: %w", s.key, err)
	}
	value := strings.TrimRight(string(data), "\r\n")
	if strings.TrimSpace(value) == "" {
		return "", fmt.Errorf("%s: %s is empty; put the secret into it", s.key, s.file)
	}
	return value, nil
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
	s := &secret{key: n.path, file: d.resolve(named), named: named}
	if _, err := s.read(); err != nil {
		d.config.warnings = append(d.config.warnings, fmt.Sprintf("%s:%d: %v", d.file, n.Line, err))
	}
	d.checkMode(n, s.file)
	return s
}

// contentOf reads a file whose content is needed at once.
func (d *decoder) contentOf(o *object, key string) *secret {
	var named string
	if !o.text(key, &named) || named == "" {
		return nil
	}
	n := o.at(key)
	s := &secret{key: n.path, file: d.resolve(named), named: named}
	value, err := s.read()
	if err != nil {
		d.fail(n, "the file cannot be used: %v", err)
		return nil
	}
	s.value = value
	return s
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
