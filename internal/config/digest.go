package config

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// Digest is equal for configurations that say the same, however they are written. What is
// read along with the file belongs to it; files that are read on each use, as those of
// tokens are, do not. It tells nothing of what it was made from.
func (c *Config) Digest() (string, error) {
	shown, err := c.Masked()
	if err != nil {
		return "", err
	}
	var token string
	if c.api.refresh.value != nil {
		token = *c.api.refresh.value
	}
	sum := sha256.New()
	for _, part := range []string{string(shown), c.api.ClientID, token, string(c.users.PseudonymKey())} {
		fmt.Fprintf(sum, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
