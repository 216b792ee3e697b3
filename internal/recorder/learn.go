package recorder

import (
	"maps"
	"slices"

	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/status"
)

// correctionCount is the name of the stored counter of corrections.
const correctionCount = "corrections"

// hear lets the ticket's witness hold the log against what the list said of it. When the
// two have agreed on a moment, a label that no table knows may be learned from it, and a
// timeline that says something else is corrected.
func (rec *recording) hear(begun fact.Instant) {
	change := latestChange(rec.h.Entries)
	_, recognized := rec.statuses.Resolve(change.To)
	recognized = recognized || change.Seq == 0
	w := rec.t.witness
	finding, certain := w.Read(begun, change, rec.j.Status, recognized)
	rec.after = append(rec.after, func() {
		rec.t.witness = w
		rec.pass.puzzle(rec.t, change.To, recognized, certain)
	})
	switch {
	case !certain:
	case !recognized && change.To != "":
		rec.learn(status.Evidence{Ticket: rec.t.ID, Label: change.To, Status: finding.Status})
		if rec.ready {
			rec.correct(begun, finding)
		}
	default:
		rec.correct(begun, finding)
	}
}

// learn adds what a ticket tells of a label. If no ticket tells otherwise, the label
// means that from now on.
func (rec *recording) learn(e status.Evidence) {
	rec.evidence[e.Ticket] = e
	learned := status.Learn(slices.Collect(maps.Values(rec.evidence)), rec.statuses, fact.At(rec.now()))
	if len(learned) == 0 {
		return
	}
	rec.b.Labels = learned
	rec.after = append(rec.after, func() {
		for _, l := range learned {
			rec.log.Warn("learned what a status label means, from the ticket list; add it to statuses.labels if it is right, or what is right if not",
				"label", l.Label, "status", l.Status)
		}
		rec.understand(learned)
	})
}

// correct lets the list be right where the timeline says something else.
func (rec *recording) correct(known fact.Instant, f status.Finding) {
	if f.Status == rec.j.Status {
		return
	}
	rec.seq++
	c := fact.Correction{Ticket: rec.t.ID, Time: f.Since, Status: cut(f.Status), Seq: rec.seq}
	rec.b.Corrections = append(rec.b.Corrections, c)
	rec.h.Corrections = append(rec.h.Corrections, c)
	rec.b.Counts[correctionCount]++
	rec.judge(known)
}

// latestChange gives the latest entry of a change of status; the zero Entry: there is none.
func latestChange(entries []fact.Entry) fact.Entry {
	var latest fact.Entry
	for _, e := range entries {
		if e.Action != fact.TicketStatusChanged {
			continue
		}
		if latest.Seq == 0 || e.Time > latest.Time || e.Time == latest.Time && e.Seq > latest.Seq {
			latest = e
		}
	}
	return latest
}

// Before the first pass counts changes of status it tries to learn what unknown labels
// mean, from a few tickets for each label and a few reads of each ticket.
const (
	probeTickets = 3
	probeReads   = 4
)

// puzzle takes note of a reading that ends in a label which is, or is not, understood.
func (p *firstPass) puzzle(t *ticket, label string, recognized, certain bool) {
	if p.over {
		return
	}
	if recognized || label == "" || certain {
		p.unpuzzle(t)
		if certain {
			p.settled[label] = true
		}
		return
	}
	if p.settled[label] {
		p.unpuzzle(t)
		return
	}
	if t.probes == 0 && p.probes[label] >= probeTickets {
		return
	}
	if t.probes == 0 {
		p.probes[label]++
		p.probing[t.ID] = label
	}
	if t.probes++; t.probes > probeReads {
		p.settled[label] = p.settled[label] || p.probes[label] >= probeTickets
		p.unpuzzle(t)
	}
}

// unpuzzle takes a ticket from those that readiness waits for because of a label.
func (p *firstPass) unpuzzle(t *ticket) { delete(p.probing, t.ID) }

// probing says whether another look, and a read after it, would help.
func (r *Recorder) probing(t *ticket) bool {
	if r.ready {
		return t.witness.Wants()
	}
	_, ok := r.pass.probing[t.ID]
	return ok
}
