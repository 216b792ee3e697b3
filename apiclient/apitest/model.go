package apitest

import (
	"encoding/json"
	"slices"
	"time"
)

// The statuses a ticket can have, as far as the documentation shows them.
const (
	Open      = "open"
	Pending   = "pending"
	Completed = "completed"
)

// The action types the documentation shows.
const (
	TicketCreated  = "ticket_created"
	TicketRead     = "ticket_read"
	StatusChanged  = "ticket_status_changed"
	TicketAssigned = "ticket_assigned_to_user"
	ReplyCreated   = "reply_created"
)

// The documentation does not list all action types. These stand for the rest: a client
// of the API must take any string.
const (
	TicketUnassigned = "ticket_unassigned"
	TagsChanged      = "ticket_tags_changed"
	CategoryChanged  = "ticket_category_changed"
	NoteCreated      = "note_created"
	MarkedAsSpam     = "ticket_marked_as_spam"
)

// User is a person or bot. Entries and tickets share it by pointer; it is never changed
// in place.
type User struct {
	ID, Name, Email string
	Status          string // "team", "client", or any other string
	IsBot           bool
	Image           string // empty: null
	// CustomIdentifier is shown where it is not nil; empty: null. Older accounts do not
	// show it at all.
	CustomIdentifier *string
}

// Entry is one entry of a ticket's log as it truly is. What the API shows of it (the
// sentence above all) is made when it is asked for.
type Entry struct {
	Time     time.Time // kept to 100 ns
	Type     string
	User     *User  // nil: null
	From, To string // statuses, of StatusChanged
	Target   *User  // of TicketAssigned
	Category int64  // of CategoryChanged; 0: none
	Tags     []string
	Language string // of the sentence; empty: the ticket's
	Action   string // the sentence; empty: made from all of the above
	// Raw is sent as it is in place of everything above, which still says where the entry
	// stands and how it counts.
	Raw json.RawMessage
}

// CustomField is the value of a custom field of a ticket.
type CustomField struct {
	Key   int64  `json:"key"`
	Value string `json:"value"`
}

// Ticket is what a list shows of a ticket.
type Ticket struct {
	ID             int64 // 0: AddTicket gives it one
	Title, Message string
	Created        time.Time // zero: AddTicket takes the present time
	LastActivity   time.Time // lastThreadElementCreationTime; zero: AddTicket takes Created
	Status         string    // empty: AddTicket takes Open
	Source         string    // empty: AddTicket takes "web"
	Sentiment      string
	CategoryID     int64 // 0: none
	Tags           []string
	CustomFields   []CustomField
	Assignee       *User
	Author         *User
	Replies        int
	Language       string // of its log's sentences; empty: the server's first
	NoCreated      bool   // sends creationTime null
	Endless        bool   // its log invents ever older entries

	Deleted, Spam, Anonymized, Muted, Draft, Expired, Hidden, Sensitive bool
}

// record is a ticket with its log.
type record struct {
	Ticket
	entries []Entry // oldest first; at equal times as they were added
	place   uint64  // in the order of a list for which none was asked
	gone    bool    // 404 for its log, absent from lists
	sample  []byte  // answer to a request for the whole log, while the log is as sampled
}

func (t Ticket) clone() Ticket {
	t.Tags = slices.Clone(t.Tags)
	t.CustomFields = slices.Clone(t.CustomFields)
	return t
}

// insert puts e behind all entries that are not newer.
func (r *record) insert(e Entry) {
	e.Time = instant(e.Time)
	i, _ := slices.BinarySearchFunc(r.entries, e.Time, func(have Entry, at time.Time) int {
		if have.Time.After(at) {
			return 1
		}
		return -1
	})
	r.entries = slices.Insert(r.entries, i, e)
	r.sample = nil
}

// instant is t in the resolution in which Socialboards tells time.
func instant(t time.Time) time.Time { return t.UTC().Truncate(100 * time.Nanosecond) }
