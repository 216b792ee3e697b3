package apitest

import "time"

// Options say how the server behaves. The zero value is a friendly server.
type Options struct {
	Seed uint64
	Now  func() time.Time // nil: time.Now

	// Tickets is how many tickets Populate invents, and, by the rate that follows from it,
	// how many come later. 0: 100.
	Tickets int
	// Hurry makes the invented team live that many times faster, around the clock.
	// 0: real time, with nights and weekends.
	Hurry float64
	// Languages are those of the tickets' logs: en, nb, nn, sv, da. None: en, nb, sv.
	Languages []string
	// Labels replaces display labels: language, then status, to label.
	Labels map[string]map[string]string

	ClientID, RefreshToken string        // empty: made from Seed
	TokenLifetime          time.Duration // 0: one hour
	RotateTokens           bool          // each use of a refresh token gives another one
	KeepRotated            bool          // a rotated refresh token stays good

	DefaultTake int // 0: 25
	MaxTake     int // 0: 50
	IgnoreTake  bool
	IgnoreSkip  bool
	// ShortPages is the share of pages that are shorter than they could be, though never
	// empty.
	ShortPages float64
	// ShuffleTies shows log entries of the same time in another order in each answer.
	ShuffleTies bool

	IgnoreTicketIDs bool
	IgnoreFilters   bool
	IgnoreOrder     bool
	OmitFromLists   float64 // the share of tickets that a list page leaves out
	RepeatInLists   float64 // the share of tickets that a list page shows twice
	// StatusMovesActivity makes status changes and assignments count as activity in
	// lastThreadElementCreationTime and in the order that goes by it.
	StatusMovesActivity bool
	TagObjects          bool // shows tags as {id, name}

	Prefix       string // path that stands before all others, such as "/api"
	KeepRequests int    // how many of the latest requests Requests shows; 0: 10,000, negative: none
}

func (o *Options) setDefaults() {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Tickets == 0 {
		o.Tickets = 100
	}
	if len(o.Languages) == 0 {
		o.Languages = []string{"en", "nb", "sv"}
	}
	if o.ClientID == "" {
		o.ClientID = guid("client id", o.Seed)
	}
	if o.RefreshToken == "" {
		o.RefreshToken = opaque("refresh token", o.Seed)
	}
	if o.TokenLifetime == 0 {
		o.TokenLifetime = time.Hour
	}
	if o.DefaultTake == 0 {
		o.DefaultTake = 25
	}
	if o.MaxTake == 0 {
		o.MaxTake = 50
	}
	if o.KeepRequests == 0 {
		o.KeepRequests = 10_000
	}
}
