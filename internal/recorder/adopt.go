package recorder

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"socialboards_exporter/internal/eventstore"
	"socialboards_exporter/internal/fact"
)

// byID is the origin of a ticket that the configuration names; other origins are the
// keys of the selections that showed it.
const byID = "id"

// adopt brings the store in line with the settings, in one transaction.
func (r *Recorder) adopt(ctx context.Context, c eventstore.Contents, named map[int64]bool) error {
	b := fact.Batch{Meta: map[string]string{}}
	if err := r.adoptPseudonyms(c, &b); err != nil {
		return err
	}
	resizing, err := r.adoptShard(c, &b)
	if err != nil {
		return err
	}
	r.adoptReadiness(c, &b)
	r.adoptSelections(&b)
	if err := r.adoptTickets(ctx, named, resizing, &b); err != nil {
		return err
	}
	r.adoptObjectives(c, &b)
	if err := r.write(ctx, b); err != nil {
		return fmt.Errorf("bring the store in line with the configuration: %w", err)
	}
	return nil
}

// adoptPseudonyms refuses another way of naming users than the one the store has begun
// with: the same person would be counted again under another name.
func (r *Recorder) adoptPseudonyms(c eventstore.Contents, b *fact.Batch) error {
	now, before := r.set.Pseudonyms.fingerprint(), c.Meta[metaPseudonym]
	if now == before {
		return nil
	}
	if len(c.Users) > 0 {
		return errors.New("users.pseudonym_key_file: the store already names users another way; " +
			"restore the former setting, or use a new --storage.path, or judge the history anew with recount")
	}
	b.Meta[metaPseudonym] = now
	return nil
}

// adoptShard refuses a store of another shard, and remembers a change of their number. True:
// the store takes part in one now.
func (r *Recorder) adoptShard(c eventstore.Contents, b *fact.Batch) (resizing bool, err error) {
	r.resized = parseResize(c.Meta[metaResize])
	now := r.set.Shard
	before, ok := c.Meta[metaShard]
	if before == now.String() {
		return false, nil
	}
	b.Meta[metaShard] = now.String()
	switch {
	case !ok:
		return false, nil
	case !now.Since.Known():
		return false, fmt.Errorf("shard: the store belongs to shard %s, the configuration says %s; "+
			"to resize, give all shards the same shard.total and the same shard.since, or use the store of this shard", before, now)
	case !r.ready:
		return false, fmt.Errorf("shard: the store belongs to shard %s, the configuration says %s, and nothing in the store is counted yet; "+
			"start it as shard %s until it is ready, and resize then", before, now, before)
	}
	former, err := parseShard(before)
	if err != nil {
		return false, err
	}
	r.resized = resize{former: former, at: fact.At(r.now()), since: now.Since}
	if r.resized.at > now.Since {
		r.advise("shard.since %s is past: what this shard (%s before, %s now) counted after it, of tickets that belong to another shard now, "+
			"is counted there too", now.Since.Time().Format(time.RFC3339), before, now)
	}
	b.Meta[metaResize] = r.resized.String()
	return true, nil
}

// adoptReadiness begins a store that must not count history as if it had watched it.
func (r *Recorder) adoptReadiness(c eventstore.Contents, b *fact.Batch) {
	r.zeroAt = instant(c.Meta[metaZero])
	if r.set.FromZero && !r.ready && !r.zeroAt.Known() {
		r.zeroAt = fact.At(r.now())
		b.Meta[metaZero] = text(r.zeroAt)
	}
}

// adoptSelections takes up the selections that are new. One that has left counts as new
// when it comes back: nobody has watched meanwhile.
func (r *Recorder) adoptSelections(b *fact.Batch) {
	left := fact.Selection{Complete: fact.Never, Since: fact.Never}
	keep := func(s fact.Selection) {
		r.selections[s.Key] = s
		b.Selections = append(b.Selections, s)
	}
	for key, s := range r.selections {
		left.Key = key
		if s != left && !slices.Contains(r.set.Selections, key) {
			keep(left)
		}
	}
	for _, key := range r.set.Selections {
		left.Key = key
		if s, ok := r.selections[key]; !ok || s == left {
			keep(fact.Selection{Key: key, Complete: fact.Never, Since: r.found()})
		}
	}
}

// adoptTickets lets those tickets go that neither their id nor a selection keeps, and takes
// up those that are named now. See loadTickets.
func (r *Recorder) adoptTickets(ctx context.Context, named map[int64]bool, resizing bool, b *fact.Batch) error {
	var ids []int64
	for id, settled := range named {
		if !settled && (r.set.Shard.Owns(id) || r.resized.hadBefore(id, fact.At(r.now()))) {
			ids = append(ids, id)
		}
	}
	found, err := r.gather(ctx, ids)
	if err != nil {
		return err
	}
	for _, t := range r.tickets {
		_, named := named[t.ID]
		if r.reconsider(t, named, b); t.Departed.Known() {
			delete(found.followed, t.ID)
			found.departed[t.ID] = t.Ticket
		}
	}
	for _, id := range ids {
		t, ok := found.followed[id]
		switch {
		case !ok:
			r.adoptID(id, found.departed[id], resizing, b)
		case !slices.Contains(t.Origins, byID):
			t.Origins = append(t.Origins, byID)
			b.Tickets = append(b.Tickets, t.Ticket)
		}
	}
	return nil
}

// adoptID takes up a ticket that is named. When the number of shards changes, another one
// may have had it; later its id is named for the first time.
func (r *Recorder) adoptID(id int64, before fact.Ticket, resizing bool, b *fact.Batch) {
	listed := fact.At(r.now())
	if resizing {
		listed = fact.Never
	}
	row := r.newTicket(id, byID, r.resized.found(id, listed, r.found()), before)
	var ours bool
	if row.Until, ours = r.share(row, before); ours {
		r.takeUp(row, b)
	}
}

// reconsider takes those reasons for following a ticket away that are gone, and lets it go
// if there is none left, or it is another shard's.
func (r *Recorder) reconsider(t *ticket, named bool, b *fact.Batch) {
	before := len(t.Origins)
	t.Origins = slices.DeleteFunc(t.Origins, func(o string) bool {
		return (o != byID || !named) && !slices.Contains(r.set.Selections, o)
	})
	switch {
	case len(t.Origins) == 0:
		r.depart(t, b)
	case !r.set.Shard.Owns(t.ID):
		r.handOver(t, b)
	case len(t.Origins) != before:
		b.Tickets = append(b.Tickets, t.Ticket)
	}
}

// handOver lets a ticket that belongs to another shard from now on be read until its
// entries from before the hand-over are known.
func (r *Recorder) handOver(t *ticket, b *fact.Batch) {
	if t.Until.Known() {
		return
	}
	if !r.resized.since.Known() || t.ReadAt > r.resized.since {
		t.SeenPrint = 0 // see handedOver
		r.depart(t, b)
		return
	}
	t.Until = r.resized.since
	b.Tickets = append(b.Tickets, t.Ticket)
}

// adoptObjectives remembers by which definition each objective judges. One that changed
// under its name, or comes back, judges what is open or begins later; a new one judges
// all history, and is remembered once it has, lest a start that is cut short leave it out.
func (r *Recorder) adoptObjectives(c eventstore.Contents, b *fact.Batch) {
	r.rules.Objectives = slices.Clone(r.set.Objectives)
	stored := map[string]fact.Objective{}
	for _, o := range c.Objectives {
		stored[o.Name] = o
	}
	now := fact.At(r.now())
	for i := range r.rules.Objectives {
		o := &r.rules.Objectives[i]
		text := r.set.Definitions[o.Name]
		old, ok := stored[o.Name]
		delete(stored, o.Name)
		switch {
		case !ok:
			old = fact.Objective{Name: o.Name, Definition: text, Since: fact.Never}
			r.newObjectives = append(r.newObjectives, old)
		case old.Definition != text:
			old = fact.Objective{Name: o.Name, Definition: text, Since: now}
			b.Objectives = append(b.Objectives, old)
			r.advise("objective %s changed under its old name: it judges clocks that are open or start later; give it a new name to judge all history",
				o.Name)
		}
		o.Since = old.Since
	}
	for _, gone := range stored {
		if gone.Definition != "" {
			b.Objectives = append(b.Objectives, fact.Objective{Name: gone.Name, Since: now})
		}
	}
}

// found is the moment from which on a ticket counts that is taken up now because the
// configuration names it. In the first pass over a durable store there is none.
func (r *Recorder) found() fact.Instant {
	switch {
	case r.ready:
		return fact.At(r.now())
	case r.zeroAt.Known():
		return max(r.zeroAt, r.set.Shard.Since)
	default:
		return r.set.Shard.Since
	}
}

// newTicket gives the row of a ticket that is taken up. One that returns has the beginning
// and the last entry that it had.
func (r *Recorder) newTicket(id int64, origin string, found fact.Instant, before fact.Ticket) fact.Ticket {
	t := fact.Ticket{ID: id, Found: found, Until: fact.Never, Departed: fact.Never, Origins: []string{origin}, Inherited: r.inherits(id, found),
		Created: fact.Never, LookedAt: fact.Never, SeenAt: fact.Never, ReadAt: fact.Never,
		FullReadAt: fact.Never, LastEntry: fact.Never, Since: fact.Never}
	if before.ID == id {
		t.Created, t.LastEntry, t.FirstStatus = before.Created, before.LastEntry, before.FirstStatus
	}
	return t
}

// takeUp begins to follow a ticket.
func (r *Recorder) takeUp(t fact.Ticket, b *fact.Batch) *ticket {
	f := follow(t)
	r.tickets[t.ID] = f
	b.Tickets = append(b.Tickets, t)
	return f
}

// depart ends following a ticket. What was counted of it stays.
func (r *Recorder) depart(t *ticket, b *fact.Batch) {
	t.Departed = fact.At(r.now())
	delete(r.tickets, t.ID)
	b.Tickets = append(b.Tickets, t.Ticket)
}

func instant(text string) fact.Instant {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return fact.Never
	}
	return fact.Instant(n)
}

func text(i fact.Instant) string { return strconv.FormatInt(int64(i), 10) }
