package apitest

import (
	"slices"
	"time"
)

// AddTicket adds a ticket with an empty log and gives its id.
func (s *Server) AddTicket(t Ticket) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.add(t)
}

func (s *Server) add(t Ticket) int64 {
	if t.ID == 0 {
		for s.records[s.nextID] != nil {
			s.nextID++
		}
		t.ID = s.nextID
		s.nextID += 1 + int64(placeOf(t.ID, 0)%7) // ids of other inboxes lie between
	}
	if t.Created.IsZero() {
		t.Created = s.opts.Now()
	}
	if t.LastActivity.IsZero() {
		t.LastActivity = t.Created
	}
	t.Created, t.LastActivity = instant(t.Created), instant(t.LastActivity)
	if t.Status == "" {
		t.Status = Open
	}
	if t.Source == "" {
		t.Source = "web"
	}
	s.records[t.ID] = &record{Ticket: t.clone(), place: placeOf(t.ID, s.opts.Seed)}
	return t.ID
}

// placeOf scatters tickets.
func placeOf(id int64, seed uint64) uint64 { return mix(uint64(id) ^ seed) } //nolint:gosec // bits, not a number

// Append adds an entry to a ticket's log at the place that its time tells; at equal times
// it is the newest. The ticket itself does not change. An unknown ticket stays unknown.
func (s *Server) Append(id int64, entries ...Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log(id, entries...)
}

func (s *Server) log(id int64, entries ...Entry) {
	if r := s.records[id]; r != nil {
		for _, e := range entries {
			r.insert(e)
		}
	}
}

// Remove takes the entries that match out of a ticket's log and tells how many.
func (s *Server) Remove(id int64, match func(Entry) bool) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.records[id]
	if r == nil {
		return 0
	}
	before := len(r.entries)
	r.entries = slices.DeleteFunc(r.entries, match)
	r.sample = nil
	return before - len(r.entries)
}

// Shift moves all entries of a ticket's log in time: the log is rewritten.
func (s *Server) Shift(id int64, by time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.records[id]; r != nil {
		for i := range r.entries {
			r.entries[i].Time = r.entries[i].Time.Add(by)
		}
		r.sample = nil
	}
}

// Update changes what lists show of a ticket, not its log. change must not call the server.
func (s *Server) Update(id int64, change func(*Ticket)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.records[id]; r != nil {
		change(&r.Ticket)
		r.ID = id
	}
}

// Delete removes a ticket from lists and answers 404 for its log. Its truth is kept for
// Entries, Recount and Restore.
func (s *Server) Delete(id int64) { s.setGone(id, true) }

// Restore undoes Delete.
func (s *Server) Restore(id int64) { s.setGone(id, false) }

func (s *Server) setGone(id int64, gone bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.records[id]; r != nil {
		r.gone = gone
	}
}

// Entries gives a copy of a ticket's log, newest first.
func (s *Server) Entries(id int64) []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.records[id]
	if r == nil {
		return nil
	}
	all := slices.Clone(r.entries)
	slices.Reverse(all)
	return all
}

// Ticket gives a copy of a ticket.
func (s *Server) Ticket(id int64) (Ticket, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.records[id]
	if r == nil {
		return Ticket{}, false
	}
	return r.clone(), true
}

// TicketIDs gives the ids of all tickets that are not deleted, in rising order.
func (s *Server) TicketIDs() []int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []int64
	for id, r := range s.records {
		if !r.gone {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// SwitchLanguage makes all sentences, old and new ones, appear in this language from now
// on, as when a setting of the account is changed. Empty: back to each ticket's own.
func (s *Server) SwitchLanguage(language string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.language = language
}

// Anonymize replaces a user's id, name and e-mail address everywhere, also in what
// happened long ago, and gives the new id. What they do later is under the old one.
func (s *Server) Anonymize(userID string) (newID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	newID = guid("anonymous", userID)
	changed := map[*User]*User{}
	replace := func(u **User) {
		if *u == nil || (*u).ID != userID {
			return
		}
		if changed[*u] == nil {
			anonymous := **u
			anonymous.ID, anonymous.Name, anonymous.Image = newID, "Anonymous", ""
			anonymous.Email = newID[:8] + "@anonymized.invalid"
			changed[*u] = &anonymous
		}
		*u = changed[*u]
	}
	for _, r := range s.records {
		replace(&r.Author)
		replace(&r.Assignee)
		for i := range r.entries {
			replace(&r.entries[i].User)
			replace(&r.entries[i].Target)
		}
	}
	return newID
}
