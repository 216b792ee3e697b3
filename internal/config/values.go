package config

import (
	"maps"
	"slices"
	"time"
)

// API is how Socialboards is reached. URLs have no slash at their end.
type API struct {
	BaseURL, TokenURL string
	ClientID          string
	InboxURL          string        // empty: no links
	Timeout           time.Duration // of one request
	RequestsPerSecond float64
	Burst             int
	Concurrency       int

	clientIDFile string
	refresh      *secret
	way          way
}

// RefreshToken gives the refresh token. Where it stands in a file, the file is read each
// time, so that a token can be renewed under a running process. Errors name the file and
// never hold the token.
func (a API) RefreshToken() (string, error) { return a.refresh.read() }

// Tickets is what is followed: tickets by id, and those that match a selection.
type Tickets struct {
	IDs      []int64
	Discover []Selection
}

func (t Tickets) clone() Tickets {
	t.IDs, t.Discover = slices.Clone(t.IDs), slices.Clone(t.Discover)
	for i := range t.Discover {
		t.Discover[i].CustomFields = slices.Clone(t.Discover[i].CustomFields)
	}
	return t
}

// Poll is the rhythm of looks, reads and discovery.
type Poll struct {
	Interval, MaxInterval, ReadMaxInterval time.Duration
	DoneMaxInterval, DoneFor               time.Duration
}

// Events says which action types are shown; none means all.
type Events struct{ ActionTypes []string }

// Statuses adds to what is known of statuses.
type Statuses struct {
	Labels map[string]string // display label to status
	Done   []string          // statuses in which a ticket is no longer live
}

func (s Statuses) clone() Statuses {
	return Statuses{Labels: maps.Clone(s.Labels), Done: slices.Clone(s.Done)}
}

// Users says how team users are shown.
type Users struct {
	Names bool // never together with a pseudonym key
	Limit int  // how many have a user_id of their own

	names  bool // as written
	pseudo *secret
}

// PseudonymKey gives the key of pseudonyms; nil: users are shown by their ids.
func (u Users) PseudonymKey() []byte {
	if u.pseudo == nil {
		return nil
	}
	return []byte(*u.pseudo.value)
}

// Metrics bounds what is exposed.
type Metrics struct {
	MaxTickets            int             // live tickets with series of their own
	StatusDurationBuckets []time.Duration // rising
	NativeHistograms      bool
}

// Webhook is the listener for webhooks.
type Webhook struct {
	ListenAddress, Path string

	verify *secret
}

// VerifyToken gives the token that the account's settings name, read anew from its file.
func (w Webhook) VerifyToken() (string, error) { return w.verify.read() }

// Shard is our part of the tickets: those whose hashed id leaves Index when divided by Total.
type Shard struct {
	Index, Total int
	Since        time.Time // from when on this division holds; zero: from the beginning

	hostname bool
}

// SLA is what was promised to customers.
type SLA struct {
	Calendars  []Calendar
	Objectives []Objective
}

func (s SLA) clone() SLA {
	s.Calendars, s.Objectives = slices.Clone(s.Calendars), slices.Clone(s.Objectives)
	for i := range s.Calendars {
		s.Calendars[i] = s.Calendars[i].clone()
	}
	for i := range s.Objectives {
		s.Objectives[i] = s.Objectives[i].clone()
	}
	return s
}
