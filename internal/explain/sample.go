package explain

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/status"
)

// readSome reads the logs of some tickets, spread evenly over all by their last activity. A
// log that cannot be read is left out: the exporter would try it again.
func (e *explainer) readSome(ctx context.Context) error {
	e.users, e.labels, e.durations = map[[2]string]map[string]bool{}, map[string]*Label{}, map[[2]string]bool{}
	for _, t := range e.choose() {
		r, err := e.Source.ReadLog(ctx, t.ID, apiclient.LogQuery{ToEnd: true})
		if ctx.Err() != nil {
			return ctx.Err()
		}
		var failure *apiclient.Error
		if errors.As(err, &failure) && failure.Kind == apiclient.Auth {
			return err
		}
		if err != nil {
			e.sample.Failed++
			continue
		}
		e.sample.Logs++
		e.sample.Entries += len(r.Entries)
		e.sample.Requests += r.Requests
		e.learn(t, r.Entries)
	}
	return nil
}

func (e *explainer) choose() []*ticket {
	all := make([]*ticket, 0, len(e.ids))
	for _, id := range e.ids {
		all = append(all, e.tickets[id])
	}
	slices.SortStableFunc(all, func(a, b *ticket) int { return b.LastActivity.Compare(a.LastActivity) })
	if len(all) <= e.Logs {
		return all
	}
	some := make([]*ticket, 0, e.Logs)
	for i := range e.Logs {
		some = append(some, all[i*len(all)/e.Logs])
	}
	return some
}

// learn takes in what a log tells of users, action types and status labels.
func (e *explainer) learn(t *ticket, entries []apiclient.Entry) {
	latest := true // entries come newest first
	for _, entry := range entries {
		user := userOf(entry.User)
		if e.users[user] == nil {
			e.users[user] = map[string]bool{}
		}
		e.users[user][entry.ActionType] = true
		if entry.ActionType != fact.TicketStatusChanged {
			continue
		}
		e.learnChange(t, entry.Action, latest)
		latest = false
	}
}

// learnChange takes in a change of status. Of the latest one, the list tells what it means.
func (e *explainer) learnChange(t *ticket, sentence string, latest bool) {
	from, to, ok := status.Parse(sentence)
	if !ok {
		e.sample.Unreadable++
		return
	}
	fromStatus, fromKnown := e.statuses.Resolve(from)
	toStatus, toKnown := e.statuses.Resolve(to)
	if fromStatus != toStatus {
		e.durations[[2]string{fromStatus, toStatus}] = true
	}
	if !fromKnown {
		e.label(from).Changes++
	}
	if !toKnown {
		l := e.label(to)
		l.Changes++
		if latest && t.Status != "" && !slices.Contains(l.Listed, t.Status) {
			l.Listed = append(l.Listed, t.Status)
			slices.Sort(l.Listed)
		}
	}
}

func (e *explainer) label(text string) *Label {
	l, ok := e.labels[text]
	if !ok {
		l = &Label{Label: text}
		e.labels[text] = l
	}
	return l
}

func (e *explainer) unknownLabels() []Label {
	all := make([]Label, 0, len(e.labels))
	for l := range maps.Values(e.labels) {
		all = append(all, *l)
	}
	slices.SortFunc(all, func(a, b Label) int {
		return cmp.Or(cmp.Compare(b.Changes, a.Changes), strings.Compare(a.Label, b.Label))
	})
	return all
}

// userOf gives a user as labels show them: id and type. Only team members and bots have
// an id there.
func userOf(u *apiclient.User) [2]string {
	switch {
	case u == nil:
		return [2]string{"", "system"}
	case u.IsBot:
		return [2]string{u.ID, "bot"}
	case u.Status == "team":
		return [2]string{u.ID, "team"}
	default:
		return [2]string{"", u.Status}
	}
}
