package recorder

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
)

// Pseudonyms stand for the ids of users: HMAC-SHA256 under a key, in hex, the first 16
// characters. A nil Pseudonyms leaves ids as they are.
type Pseudonyms struct{ key []byte }

// NewPseudonyms makes pseudonyms under key, which is copied.
func NewPseudonyms(key []byte) *Pseudonyms { return &Pseudonyms{append([]byte(nil), key...)} }

const pseudonymLen = 16

func (p *Pseudonyms) of(id string) string {
	if p == nil || id == "" {
		return id
	}
	return p.mac(id)
}

// fingerprint tells one key from another without giving it away.
func (p *Pseudonyms) fingerprint() string {
	if p == nil {
		return ""
	}
	return p.mac("\x00key")
}

func (p *Pseudonyms) mac(text string) string {
	h := hmac.New(sha256.New, p.key)
	h.Write([]byte(text))
	return hex.EncodeToString(h.Sum(nil))[:pseudonymLen]
}
