package poll

import (
	"context"
	"errors"
	"time"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/internal/fact"
)

// Rewritten is the reason of a reading from which nothing was counted, since most of what
// was known of the log was gone and as much that was unknown had come.
const Rewritten = "rewritten"

var errRewritten = errors.New("the log was rewritten: nothing was counted from this reading")

// read reads the log of a ticket.
func (p *Poller) read(ctx context.Context, j *job) error {
	id := j.read.id
	known, err := p.known(ctx, id)
	if err != nil {
		if p.abandoned(ctx, j) {
			return nil
		}
		return p.unrecorded(j, err)
	}
	r, err := p.source.ReadLog(ctx, id, apiclient.LogQuery{Known: known, ToEnd: j.toEnd})
	if err != nil {
		if p.abandoned(ctx, j) {
			return nil
		}
		return p.readFailed(ctx, j, err)
	}
	p.recording.Lock()
	defer p.recording.Unlock()
	if p.leftOut(j) {
		return nil
	}
	st, rewritten, err := p.recorder.Read(ctx, id, r)
	if err != nil {
		return p.unrecorded(j, err)
	}
	p.settle(func(s *schedule, now fact.Instant) { s.readRecorded(j, r, st, now) })
	if rewritten {
		p.observer.ReadFailed(id, Rewritten, errRewritten)
	} else {
		p.observer.ReadDone(id, j.trigger, r.Begun)
	}
	return p.expire(ctx, []*ticket{j.read})
}

func (p *Poller) known(ctx context.Context, id int64) (func(time.Time, string) int, error) {
	p.recording.Lock()
	defer p.recording.Unlock()
	return p.recorder.Known(ctx, id)
}

// readFailed settles a read that failed. Where it is the ticket's own answer that says
// so, the recorder decides what becomes of the ticket.
func (p *Poller) readFailed(ctx context.Context, j *job, failure error) error {
	id, kind := j.read.id, kindOf(failure)
	p.log.Debug("a log could not be read", "ticket", id, "err", failure)
	p.observer.ReadFailed(id, string(kind), failure)
	p.recording.Lock()
	defer p.recording.Unlock()
	if p.leftOut(j) {
		return nil
	}
	own := kind == apiclient.NotFound || kind == apiclient.TooLarge
	var st State
	if own {
		var err error
		if st, err = p.recorder.ReadFailed(ctx, id, j.begun, kind); err != nil {
			return p.unrecorded(j, err)
		}
	}
	p.settle(func(s *schedule, now fact.Instant) {
		s.readFailed(j, now, failure)
		if own {
			s.resume()
			s.update(st, now)
		}
	})
	return nil
}

// look asks for the tickets of a look.
func (p *Poller) look(ctx context.Context, j *job) error {
	asked := make([]int64, 0, len(j.looked))
	for _, t := range j.looked {
		asked = append(asked, t.id)
	}
	found, err := p.source.List(ctx, apiclient.ListQuery{TicketIDs: asked, Take: apiclient.PageSize})
	if err != nil {
		if p.abandoned(ctx, j) {
			return nil
		}
		p.troubles.begin(p.log, "looks", err)
		p.settle(func(s *schedule, now fact.Instant) { s.looksFailed(j, now, err) })
		return nil
	}
	p.troubles.end(p.log, "looks")
	p.recording.Lock()
	defer p.recording.Unlock()
	asked = p.stillFollowed(asked)
	states, err := p.recorder.Looked(ctx, j.begun, asked, only(found, asked))
	if err != nil {
		return p.unrecorded(j, err)
	}
	p.settle(func(s *schedule, now fact.Instant) { s.looksRecorded(j, states, now) })
	p.observer.LookDone(asked, j.begun)
	return p.expire(ctx, j.looked)
}

// only gives those of the tickets that were asked for, each once: servers may ignore the
// ids and show any tickets.
func only(found []apiclient.Ticket, asked []int64) []apiclient.Ticket {
	open := make(map[int64]bool, len(asked))
	for _, id := range asked {
		open[id] = true
	}
	kept := found[:0]
	for _, t := range found {
		if open[t.ID] {
			open[t.ID] = false
			kept = append(kept, t)
		}
	}
	return kept
}

// page reads the next page of a selection.
func (p *Poller) page(ctx context.Context, j *job) error {
	v := j.survey
	shown, err := p.source.List(ctx, v.ask())
	if err != nil {
		if p.abandoned(ctx, j) {
			return nil
		}
		p.troubles.begin(p.log, v.selection, err)
		p.settle(func(s *schedule, now fact.Instant) { s.pageFailed(j, now) })
		return nil
	}
	p.recording.Lock()
	defer p.recording.Unlock()
	p.troubles.end(p.log, v.selection)
	states, fresh, err := p.recorder.Discovered(ctx, v.selection, j.begun, matching(v.query, shown))
	if err != nil {
		return p.unrecorded(j, err)
	}
	verdict := v.answer(shown, fresh)
	if verdict == ended && v.complete {
		if err := p.recorder.SelectionRead(ctx, v.selection, v.begun); err != nil {
			return p.unrecorded(j, err)
		}
	}
	if verdict == unstable {
		p.log.Warn("a selection keeps changing while it is read; it is read again", "selection", v.selection, "pages", v.pages)
	}
	p.settle(func(s *schedule, now fact.Instant) { s.pageRecorded(j, verdict, states, now) })
	return nil
}

// matching gives the tickets that do not contradict the query.
func matching(q apiclient.ListQuery, shown []apiclient.Ticket) []apiclient.Ticket {
	kept := make([]apiclient.Ticket, 0, len(shown))
	for _, t := range shown {
		if !contradicts(q, t) {
			kept = append(kept, t)
		}
	}
	return kept
}

// expire ends following tickets that have been done for long enough.
func (p *Poller) expire(ctx context.Context, tickets []*ticket) error {
	var ids []int64
	p.settle(func(s *schedule, now fact.Instant) { ids = s.ended(tickets, now) })
	for _, id := range ids {
		if err := p.recorder.Expired(ctx, id); err != nil {
			p.settle(func(s *schedule, now fact.Instant) { s.pause.fail(nil, now, err) })
			p.observer.RecordFailed(err)
			return err
		}
		p.settle(func(s *schedule, now fact.Instant) { s.update(State{ID: id, Gone: true}, now) })
	}
	return nil
}

// leftOut says whether the ticket of a read has departed meanwhile, and then settles it.
func (p *Poller) leftOut(j *job) bool {
	if j.read.dropped {
		p.settle(func(s *schedule, now fact.Instant) { s.putBack(j, now) })
	}
	return j.read.dropped
}

// stillFollowed gives those of the tickets that are followed.
func (p *Poller) stillFollowed(ids []int64) []int64 {
	kept := ids[:0]
	p.settle(func(s *schedule, _ fact.Instant) {
		for _, id := range ids {
			if _, ok := s.tickets[id]; ok {
				kept = append(kept, id)
			}
		}
	})
	return kept
}
