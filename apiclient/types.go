// Package apiclient speaks the Socialboards Ticket API: access tokens, ticket lists and
// ticket logs. It paces, retries and pages; it knows nothing of what its answers are
// used for.
package apiclient

import (
	"strconv"
	"time"
)

// Entry is one entry of a ticket's log.
type Entry struct {
	Time       time.Time // UTC, to 100 ns
	ActionType string    // as sent; any string
	Action     string    // the localized sentence
	User       *User     // nil: the API named none
}

// User is a person or bot as the API describes them.
type User struct {
	ID, Name string
	Status   string // "team", "client", or any other string
	IsBot    bool
}

// Ticket is a ticket as a list shows it. Fields that the API left out or sent as null
// have their zero value.
type Ticket struct {
	ID           int64
	Status       string
	AssigneeID   string
	AssigneeName string
	AssigneeBot  bool
	Source       string
	CategoryID   int64 // 0: uncategorized
	Tags         []string
	ReplyCount   int
	Created      time.Time
	LastActivity time.Time
	Deleted      bool
	Spam         bool
	Properties   string // all properties in a canonical form, to compare with
}

// Order is an order of tickets in a list.
type Order string

// NewestActivityFirst is the only order that the documentation shows.
const NewestActivityFirst Order = "last_thread_activity_desc"

// PageSize is the largest number of tickets or log entries that the API gives at once.
const PageSize = 50

// ListQuery says which tickets to list. Zero fields ask for nothing.
type ListQuery struct {
	TicketIDs     []int64 // at most PageSize
	Status        string
	Source        string
	CategoryID    int64
	Uncategorized bool // sends categoryId null
	CustomFields  []CustomField
	CreatedFrom   time.Time
	OrderBy       Order
	Skip          int
	Take          int // 0: PageSize
}

// CustomField is a value that a custom field of a ticket must have.
type CustomField struct {
	Key   int64  `json:"key"`
	Value string `json:"value"`
}

// LogQuery says how far to read a log.
type LogQuery struct {
	// Known tells how many entries with this time and action type are known already.
	// A page all of whose entries are known holds nothing new. nil: nothing is known.
	Known func(at time.Time, actionType string) int
	// ToEnd reads on to the log's end, even past pages that hold nothing new.
	ToEnd bool
}

// Reading is a complete reading of a ticket's log: it ended without error, at the log's
// end or at a whole page that held nothing new.
type Reading struct {
	// Begun is when the first request of the attempt that succeeded was about to be sent:
	// what was in the log then, and stayed, is in Entries.
	Begun      time.Time
	Entries    []Entry // newest first; at equal times as the log showed them
	ReachedEnd bool    // the whole log was read
	// Covered is the time of the oldest entry shown: of what happened after it the reading
	// shows all. Zero when ReachedEnd, and when nothing was shown.
	Covered    time.Time
	Unreadable int // entries left out since they could not be read
	Requests   int // log pages asked for
}

// Endpoint names an endpoint in metrics and errors.
type Endpoint string

// The endpoints that the client calls.
const (
	TokenEndpoint Endpoint = "token"
	ListEndpoint  Endpoint = "list"
	LogEndpoint   Endpoint = "log"
)

// Kind says what went wrong, as far as a caller has to tell the cases apart.
type Kind string

// The kinds of failure; their strings are the reasons in metrics.
const (
	Auth        Kind = "auth"         // the refresh token or the access token is refused
	Throttled   Kind = "throttled"    // 429, or 503 with Retry-After
	NotFound    Kind = "not_found"    // 404 for a ticket's log
	Unreachable Kind = "unreachable"  // no answer: DNS, connection, TLS, reset
	Timeout     Kind = "timeout"      // no complete answer in time
	ServerError Kind = "server_error" // any other 4xx or 5xx
	BadAnswer   Kind = "bad_answer"   // not what the API documents, a redirect, or an errorCode
	TooLarge    Kind = "too_large"    // body over the limit, or an endless log
	Unstable    Kind = "unstable"     // pages that did not fit together, again and again
	Canceled    Kind = "canceled"     // the caller gave up
)

// Error is a request, or a reading, that failed.
type Error struct {
	Kind       Kind
	Endpoint   Endpoint
	Ticket     int64         // 0: not about one ticket
	Status     int           // HTTP status; 0: none
	Code       int           // errorCode of the envelope, where there was one
	RetryAfter time.Duration // how long the API asked to wait; 0: it did not say
	Err        error         // never holds a secret
}

// Error tells what was asked, what came, and of what kind it is.
func (e *Error) Error() string {
	s := "socialboards " + string(e.Endpoint)
	if e.Ticket != 0 {
		s += " of ticket " + strconv.FormatInt(e.Ticket, 10)
	}
	s += ": " + string(e.Kind)
	if e.Status != 0 {
		s += " (HTTP " + strconv.Itoa(e.Status) + ")"
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// of gives e as an error of this endpoint and ticket. It copies, since several callers
// may share one error.
func (e *Error) of(endpoint Endpoint, ticket int64) *Error {
	if e == nil {
		return nil
	}
	c := *e
	c.Endpoint, c.Ticket = endpoint, ticket
	return &c
}
