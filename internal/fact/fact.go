package fact

// Result says how an entry of a log was taken when it was first seen.
type Result string

// The results of taking an entry. Only New and Late are counted.
const (
	New     Result = "new"     // at the front of its log
	Late    Result = "late"    // behind an entry that was known already
	Backlog Result = "backlog" // older than the moment its ticket was found
)

// The types of user the rules know. Any other string the API states is kept as it is.
const (
	Team   = "team"
	Client = "client"
	Bot    = "bot"
	System = "system" // nobody: the API named no user
)

// The action types the rules know. Any other string counts under its own name.
const (
	TicketCreated       = "ticket_created"
	TicketRead          = "ticket_read"
	TicketStatusChanged = "ticket_status_changed"
	ReplyCreated        = "reply_created"
)

// Entry is one entry of a ticket's log. An entry has no id: entries of one ticket with
// the same Time and Action form a group, in which Ordinal tells them apart.
type Entry struct {
	Seq      int64 // order of arrival, unique in the store, rising; in one reading oldest first
	Ticket   int64
	Time     Instant
	Action   string // action type, as the API names it, at most 128 bytes
	Ordinal  int    // place within its group, in order of arrival, from 0
	UserType string
	UserID   string // of team and bot users only (a pseudonym, if configured); else empty
	From, To string // display labels of a status change; else empty
	Result   Result
	Series   int64 // id of the Series of kind Events that counts it; 0: not counted
}

// Change is what was judged, once and for good, of one entry of type TicketStatusChanged.
type Change struct {
	Seq          int64 // of the entry
	Ticket       int64
	Time         Instant
	From, To     string // statuses, as they were counted
	Duration     Ticks  // how long the ticket had been in From; Unknown when nothing was observed
	Decides      bool   // part of the timeline; false: came too late to move what was counted
	Counted      bool   // false: before its ticket was found, or a change between labels of one status
	Inconsistent bool   // its From is not what the timeline showed
	Unrecognized int    // how many of its two labels had no status, 0 to 2
}

// Outcome is the state of one clock of one objective, as far as it was counted. It is
// identified by Ticket, Objective and Start.
type Outcome struct {
	Ticket    int64
	Objective string
	Start     Instant
	Breached  Instant // when it exceeded its target; Never: it did not, or not yet certainly
	BreachSeq int64   // the last entry that had arrived when the breach was judged
	Stopped   Instant // when it stopped; Never: not yet
	StopSeq   int64   // the last entry that had arrived when the stop was judged
	Duration  Ticks   // counted time at the stop; Unknown until then
	Counted   bool    // counted in clocks (and, if Breached, in breaches)
	Observed  bool    // Duration observed in the histogram; alone, where another shard has counted the breach
}

// View is what the ticket list said of a ticket from one look on: what `match` goes by.
// The first view of a ticket holds from its beginning.
type View struct {
	Ticket   int64
	Since    Instant // begin of the look that first showed it
	Source   string
	Category int64 // 0: none
	Tags     []string
}

// Correction changes a ticket's timeline to what two looks in a row stated, where the
// log shows no such change.
type Correction struct {
	Ticket int64
	Time   Instant // begin of the first of the looks
	Status string
	Seq    int64 // order of arrival, given out like that of an entry
}

// Ticket is what is stored of a ticket besides its entries.
type Ticket struct {
	ID        int64
	Found     Instant // Never: taken up in the first pass, its whole log counts
	Until     Instant // entries from here on belong to another shard; Never: no end
	Departed  Instant // Never while it is followed
	Origins   []string
	Skipped   bool // did not hold readiness back; see Found
	Inherited bool // another shard followed it until Found, and counts what happened before

	Created    Instant // creationTime of the list; Never: not known
	ListStatus string  // as of SeenAt; empty: not known
	// FirstStatus is the first status that the list stated: what the ticket was in until
	// its log or a correction tells otherwise. Empty: not known.
	FirstStatus string
	Assignee    string // user id as exposed; empty: nobody
	Source      string
	Category    int64 // 0: none
	Tags        []string

	LookedAt   Instant // begin of the last look that was answered
	SeenAt     Instant // begin of the last look or discovery page that showed it
	ReadAt     Instant // begin of the last complete read; Never: unread
	FullReadAt Instant // begin of the last read that reached the log's end
	LastEntry  Instant // its latest entry, TicketRead aside
	SeenPrint  uint64  // fingerprint of what the list last showed
	ReadPrint  uint64  // the SeenPrint that the last complete read began with

	Status string  // present status by the timeline; empty: not known
	Since  Instant // when it entered Status
	Done   bool
}

// Label is a display label of a status that was learned from the ticket list.
type Label struct {
	Label, Status string
	Learned       Instant
}

// Kind names the metric family that a Series belongs to.
type Kind string

// The kinds of series whose created timestamps are kept.
const (
	Events       Kind = "events"        // labels: action_type, user_id, user_type
	Changes      Kind = "changes"       // labels: from, to
	Durations    Kind = "durations"     // labels: from, to
	Clocks       Kind = "clocks"        // labels: objective
	Breaches     Kind = "breaches"      // labels: objective
	SLADurations Kind = "sla_durations" // labels: objective
)

// Series is a series that was published, or is about to be. Its labels never change.
type Series struct {
	ID      int64
	Kind    Kind
	Labels  [3]string // in the order that Kind tells; unused ones are empty
	Created Instant   // its created timestamp
}

// User is a team or bot user, with the place it was given among the labels.
type User struct {
	ID     string // as exposed: the API's id, or its pseudonym
	Type   string // Team or Bot
	Name   string // latest; empty when pseudonyms are on
	Placed bool   // false: shown as "other"
}

// Selection is how far a configured selection has been read.
type Selection struct {
	Key      string
	Complete Instant // begin of its last complete reading; Never: none yet
	Since    Instant // the start or reload that brought it in; Never: the first start
}

// Objective is the definition by which an objective has judged.
type Objective struct {
	Name       string
	Definition string  // canonical text of everything that matters to judging
	Since      Instant // when Definition replaced another one; Never: it is the first under Name
}

// Batch is what one reading, look or decision adds to the store. It is committed as a
// whole or not at all. Tickets, Outcomes, Users, Series, Selections and Objectives
// replace the row with the same key; everything else is added, and adding the same again
// changes nothing.
type Batch struct {
	Entries     []Entry
	Changes     []Change
	Outcomes    []Outcome
	Tickets     []Ticket
	Views       []View
	Corrections []Correction
	Labels      []Label
	Series      []Series
	Users       []User
	Selections  []Selection
	Objectives  []Objective
	Counts      map[string]uint64 // added to the stored counters of these names
	Meta        map[string]string // settings of the store, set
}

// History is all that is stored of one ticket.
type History struct {
	Ticket      Ticket
	Entries     []Entry // by Seq
	Changes     []Change
	Outcomes    []Outcome
	Views       []View // by Since
	Corrections []Correction
}
