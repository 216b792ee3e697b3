package recorder

import (
	"context"
	"slices"
	"time"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/poll"
	"socialboards_exporter/internal/tally"
)

// Looked records the answer to a look. A ticket that was asked for and not shown is not
// gone: a list may be incomplete, so its log is asked.
func (r *Recorder) Looked(ctx context.Context, begun time.Time, asked []int64, found []apiclient.Ticket) ([]poll.State, error) {
	defer r.turn()()
	p, err := r.beginPage(ctx, fact.At(begun), asked)
	if err != nil {
		return nil, err
	}
	shown := make(map[int64]apiclient.Ticket, len(found))
	for _, f := range found {
		shown[f.ID] = f
	}
	for _, id := range asked {
		t, ok := p.followed[id]
		if !ok {
			p.states = append(p.states, gone(id))
			continue
		}
		if f, ok := shown[id]; ok {
			p.see(t, f, true)
			continue
		}
		row := t.Ticket
		row.LookedAt = p.at
		p.keep(t, row, func() { t.missing = p.at })
	}
	return p.commit(ctx)
}

// Discovered records what a page of a selection showed. Tickets that are not followed
// are taken up; deleted ones and spam are not.
func (r *Recorder) Discovered(ctx context.Context, selection string, begun time.Time, shown []apiclient.Ticket) ([]poll.State, int, error) {
	defer r.turn()()
	ids := make([]int64, 0, len(shown))
	for _, f := range shown {
		ids = append(ids, f.ID)
	}
	p, err := r.beginPage(ctx, fact.At(begun), ids)
	if err != nil {
		return nil, 0, err
	}
	for _, f := range shown {
		if t, ok := p.followed[f.ID]; ok {
			p.see(t, f, false)
			p.addOrigin(selection)
			continue
		}
		p.discover(selection, f)
	}
	states, err := p.commit(ctx)
	return states, p.different + p.fresh, err
}

// discover takes up a ticket that is not followed, if it is to be.
func (p *page) discover(selection string, f apiclient.Ticket) {
	before := p.departed[f.ID] // the zero Ticket: it never was
	if f.Deleted || f.Spam || !p.returns(f, before) {
		return
	}
	row := p.newTicket(f.ID, selection, p.foundBy(selection, f.ID, before), before)
	var ok bool
	if row.Until, ok = p.share(row, before); !ok {
		return
	}
	t := follow(row)
	if before.ID == 0 {
		t.shownOnly = new([]fact.View)
	}
	p.see(t, f, false)
	p.after = append(p.after, func() { p.pass.await(t) })
	p.followed[f.ID] = t // should the page show it again
	p.fresh++
}

// foundBy gives the moment from which on a ticket counts that a selection shows for the
// first time: when it was last read completely without showing the ticket.
func (r *Recorder) foundBy(selection string, id int64, before fact.Ticket) fact.Instant {
	if !r.ready {
		return r.found()
	}
	s := r.selections[selection]
	listed := s.Complete
	if !listed.Known() {
		listed = s.Since
	}
	usual := listed
	if before.ID == id {
		usual = max(listed, before.Departed)
	}
	if !r.resized.since.Known() { // what was before the shard began belongs to others
		return max(usual, r.set.Shard.Since)
	}
	return r.resized.found(id, listed, usual)
}

// share tells up to when a ticket that is not followed belongs to this shard; Never: for
// good; false: not at all. One that is another's since the number of shards has changed,
// and comes to light only now, was this one's until then.
func (r *Recorder) share(row, before fact.Ticket) (until fact.Instant, ok bool) {
	known := before.ID == row.ID
	switch z := r.resized; {
	case r.set.Shard.Owns(row.ID):
		return fact.Never, true
	case !z.since.Known() || !z.former.Owns(row.ID) || known || !r.ready:
		return fact.Never, false
	default:
		return z.since, row.Found < z.since
	}
}

// absence is how long a live ticket stays away whose log was not found, though lists go on
// showing it unchanged: the answer may have been a slip.
const absence = 24 * time.Hour

// returns says whether a ticket that is not followed is to be taken up: always, if it
// never was; if it departed while it was wanted, it has to show a difference first, or it
// would depart again for the same reason, again and again.
func (r *Recorder) returns(f apiclient.Ticket, before fact.Ticket) bool {
	unwanted := len(before.Origins) == 0 // nothing named it any more when it departed; or it never was
	return unwanted || before.SeenPrint != f.Fingerprint() ||
		!before.Done && fact.At(r.now()).Sub(before.Departed) >= fact.TicksOf(absence)
}

// SelectionRead records the end of a complete reading of a selection.
func (r *Recorder) SelectionRead(ctx context.Context, selection string, begun time.Time) error {
	defer r.turn()()
	s, ok := r.selections[selection]
	if !ok {
		return nil
	}
	s.Complete = fact.At(begun)
	if err := r.write(context.WithoutCancel(ctx), fact.Batch{Selections: []fact.Selection{s}}); err != nil {
		return err
	}
	r.selections[selection] = s
	return r.settle(ctx)
}

// Expired records that a done ticket has been followed for as long as is configured.
func (r *Recorder) Expired(ctx context.Context, id int64) error {
	defer r.turn()()
	t, err := r.find(context.WithoutCancel(ctx), id)
	if err != nil || t == nil {
		return err
	}
	return r.leave(ctx, t)
}

// leave lets a ticket depart.
func (r *Recorder) leave(ctx context.Context, t *ticket) error { return r.leaveAs(ctx, t, t.Ticket) }

// handedOver lets a ticket depart that is another shard's now. Should it become this one's
// again, it returns, whether or not it looks different then.
func (r *Recorder) handedOver(ctx context.Context, t *ticket) error {
	row := t.Ticket
	row.SeenPrint = 0
	return r.leaveAs(ctx, t, row)
}

func (r *Recorder) leaveAs(ctx context.Context, t *ticket, row fact.Ticket) error {
	row.Departed = fact.At(r.now())
	if err := r.write(context.WithoutCancel(ctx), fact.Batch{Tickets: []fact.Ticket{row}}); err != nil {
		return err
	}
	r.forget(t.ID)
	return r.settle(ctx)
}

// forget ends the series and clocks of a departed ticket.
func (r *Recorder) forget(id int64) {
	delete(r.tickets, id)
	delete(r.pass.waiting, id)
	delete(r.pass.probing, id)
	r.tally.Update(func(u *tally.Update) { u.Drop(id) })
}

// page is one answer of the ticket list on its way to the store.
type page struct {
	*Recorder
	lookup
	at        fact.Instant
	b         fact.Batch
	after     []func()
	seen      []*ticket
	fresh     int // taken up
	different int
	states    []poll.State
}

func (r *Recorder) beginPage(ctx context.Context, at fact.Instant, ids []int64) (*page, error) {
	found, err := r.gather(context.WithoutCancel(ctx), ids)
	return &page{Recorder: r, lookup: found, at: at}, err
}

// see takes over what the list says of a ticket.
func (p *page) see(t *ticket, f apiclient.Ticket, look bool) {
	row := t.Ticket
	if f.Deleted || f.Spam {
		row.Departed, row.SeenPrint = fact.At(p.now()), 0
		p.b.Tickets = append(p.b.Tickets, row)
		p.after = append(p.after, func() { p.forget(row.ID) })
		p.states = append(p.states, gone(t.ID))
		return
	}
	first := !row.SeenAt.Known()
	if first || viewChanged(row, f) {
		view := fact.View{Ticket: t.ID, Since: p.at, Source: f.Source, Category: f.CategoryID, Tags: f.Tags}
		p.b.Views = append(p.b.Views, view)
		p.after = append(p.after, func() { t.showed(view) })
	}
	seen := f.Fingerprint()
	different := seen != row.SeenPrint
	if different && !first {
		p.different++
	}
	row.ListStatus, row.Source, row.Category, row.Tags = cut(f.Status), cut(f.Source), f.CategoryID, f.Tags
	if row.FirstStatus == "" {
		row.FirstStatus = row.ListStatus
	}
	row.Assignee = p.set.Pseudonyms.of(f.AssigneeID)
	if !f.Created.IsZero() && !row.Created.Known() { // the first stays: clocks were counted by it
		row.Created = fact.At(f.Created)
	}
	row.SeenAt, row.SeenPrint = p.at, seen
	if look {
		row.LookedAt = p.at
	}
	p.keep(t, row, func() {
		t.missing = fact.Never
		if different {
			t.printSince = p.at
		}
		if look {
			t.witness.Look(row.ListStatus, p.at)
		}
	})
}

func viewChanged(row fact.Ticket, f apiclient.Ticket) bool {
	return row.Source != cut(f.Source) || row.Category != f.CategoryID || !slices.Equal(row.Tags, f.Tags)
}

// keep adds a row to the page, and what to remember once it is committed.
func (p *page) keep(t *ticket, row fact.Ticket, after func()) {
	p.b.Tickets = append(p.b.Tickets, row)
	p.seen = append(p.seen, t)
	p.after = append(p.after, func() {
		t.Ticket = row
		after()
	})
}

// addOrigin adds the selection to those that keep the ticket last seen.
func (p *page) addOrigin(selection string) {
	if len(p.b.Tickets) == 0 {
		return
	}
	row := &p.b.Tickets[len(p.b.Tickets)-1]
	if slices.Contains(row.Origins, selection) || row.Departed.Known() {
		return
	}
	t := p.seen[len(p.seen)-1]
	origins := append(slices.Clone(row.Origins), selection)
	row.Origins = origins
	p.after = append(p.after, func() { t.Origins = origins })
}

// commit makes the page durable, shows it, and gives the states of its tickets.
func (p *page) commit(ctx context.Context) ([]poll.State, error) {
	if err := p.write(context.WithoutCancel(ctx), p.b); err != nil {
		return nil, err
	}
	for _, f := range p.after {
		f()
	}
	for _, t := range p.seen {
		p.publish(t, nil)
		p.remember(t)
		p.states = append(p.states, p.state(t))
	}
	p.pass.lastOK = fact.At(p.now())
	return p.states, p.settle(ctx)
}
