package status

import "socialboards_exporter/internal/fact"

// Witness follows what the list and the log of one ticket say in turn, until it is certain
// that both speak of the same moment: two looks in a row state the same status, and of the
// complete reads begun after each of them both end in the same latest change, which is
// older than the first look. Then the list tells what that change led to. The zero Witness
// has seen nothing. It is not safe for concurrent use.
type Witness struct {
	status        string
	first, latest fact.Instant // begins of the looks that stated status without a break
	change        fact.Entry   // the latest change, as of the read after the first look
	stage         stage
	puzzle, told  bool
}

type stage uint8

const (
	nothing   stage = iota
	looked          // at least once
	read            // after the first look
	lookedTwo       // again, after the read
)

// Finding is what a Witness has made certain.
type Finding struct {
	Status string       // what the list states
	Since  fact.Instant // begin of the first of the looks
	// Change is the latest entry of type fact.TicketStatusChanged; its Seq is 0 if the log
	// shows none.
	Change fact.Entry
}

// Look records that a look begun at begun stated status; empty: it stated none. Looks are
// to be told in the order in which they began.
func (w *Witness) Look(status string, begun fact.Instant) {
	switch {
	case status == "":
		*w = Witness{}
		return
	case w.stage != nothing && begun <= w.latest:
		return
	case w.stage == nothing || w.status != status:
		*w = Witness{status: status, first: begun, stage: looked}
	case w.stage == read:
		w.stage = lookedTwo
	}
	w.latest = begun
}

// Read records that the log, as a complete read begun at begun showed it, ends in change,
// the zero Entry if it shows no change of status. status is what the timeline makes of it,
// and recognized whether that rests on a known label. It is true once it is certain what
// the list says, puzzle or not.
func (w *Witness) Read(begun fact.Instant, change fact.Entry, status string, recognized bool) (Finding, bool) {
	if w.stage == nothing {
		return Finding{}, false
	}
	if w.stage != looked && change.Seq != w.change.Seq || change.Seq != 0 && change.Time >= w.first {
		w.restart(change)
	}
	w.puzzle = !recognized || w.status != status
	switch {
	case w.stage == looked && begun > w.first:
		w.stage, w.change = read, change
	case w.stage == lookedTwo && begun > w.latest:
		w.stage, w.told = read, true
		return Finding{w.status, w.first, change}, true
	}
	return Finding{}, false
}

// restart forgets the looks that are older than change.
func (w *Witness) restart(change fact.Entry) {
	if change.Seq != 0 && change.Time >= w.latest {
		*w = Witness{}
		return
	}
	w.first, w.stage, w.told = w.latest, looked, false
}

// Wants says whether the list and the timeline disagree, or a label is not known, and
// another look, and a read after it, would settle that. Where it has been settled, or
// cannot be, it does not ask again until something changes.
func (w *Witness) Wants() bool { return w.puzzle && !w.told && w.stage >= read }
