package apiclient

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Rotation is a refresh token that the API gave in place of another.
type Rotation struct {
	// Configured is a fingerprint of the configured token that Token descends from: once
	// another one is configured, Token has had its day.
	Configured string `json:"configured_sha256"`
	Token      string `json:"refresh_token"`
}

// String keeps the token out of logs.
func (r Rotation) String() string { return "<refresh token>" }

// GoString keeps the token out of logs.
func (r Rotation) GoString() string { return r.String() }

// TokenStore keeps the latest Rotation. The client calls its methods one at a time.
type TokenStore interface {
	// Load gives what was saved last; the zero Rotation when nothing was.
	Load() (Rotation, error)
	// Save returns when r would survive a crash.
	Save(r Rotation) error
}

// FileTokens keeps the rotation in a file that only its owner can read. The directory
// must exist. Errors name the file and never hold a token.
func FileTokens(path string) TokenStore { return fileTokens(path) }

type fileTokens string

// Load reads the file; one that does not exist holds no rotation.
func (f fileTokens) Load() (Rotation, error) {
	text, err := os.ReadFile(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return Rotation{}, nil
	}
	if err != nil {
		return Rotation{}, fmt.Errorf("read the rotated refresh token: %w", err)
	}
	// A copy that was restored by hand may be open to others. Whose file it is not cannot
	// close it, and needs its token all the same.
	_ = os.Chmod(string(f), 0o600)
	var r Rotation
	// The decoder's error is left out: it may quote what it could not read.
	if json.Unmarshal(bytes.TrimSpace(text), &r) != nil || r.Token == "" || r.Configured == "" {
		return Rotation{}, fmt.Errorf("read the rotated refresh token: %s is damaged; remove it to start from the configured one", string(f))
	}
	return r, nil
}

// Save replaces the file as a whole: a crash leaves either the old one or the new one.
func (f fileTokens) Save(r Rotation) error {
	if err := f.save(r); err != nil {
		return fmt.Errorf("save the rotated refresh token: %w", err)
	}
	return nil
}

func (f fileTokens) save(r Rotation) error {
	text, err := json.Marshal(r) //nolint:gosec // to keep the token is what the file is for
	if err != nil {
		return err
	}
	dir := filepath.Dir(string(f))
	temp, err := os.CreateTemp(dir, filepath.Base(string(f))+".*.tmp") // mode 0600
	if err != nil {
		return err
	}
	_, err = temp.Write(append(text, '\n'))
	err = errors.Join(err, temp.Sync(), temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), string(f))
	}
	if err != nil {
		return errors.Join(err, os.Remove(temp.Name()))
	}
	return syncDir(dir)
}

// syncDir makes a rename in dir durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func fingerprint(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
