package apitest

import (
	"slices"
	"time"
)

// The verbs do what people do: each writes what happened into the ticket's log and
// changes what lists show of it. by may be nil, for what happens by itself.

// Create adds a ticket that by has created at a time.
func (s *Server) Create(t Ticket, by *User, at time.Time) (id int64) {
	s.locked(func() { id = s.create(t, by, at) })
	return id
}

// Reply adds a reply. It does not change the status: that is ChangeStatus, a moment later.
func (s *Server) Reply(id int64, by *User, at time.Time) {
	s.locked(func() { s.reply(id, by, at) })
}

// ChangeStatus changes the status from what it is to another one.
func (s *Server) ChangeStatus(id int64, by *User, to string, at time.Time) {
	s.locked(func() { s.changeStatus(id, by, to, at) })
}

// Assign makes to the one who has to answer; nil: nobody.
func (s *Server) Assign(id int64, by, to *User, at time.Time) {
	s.locked(func() { s.assign(id, by, to, at) })
}

// Read writes that by has looked at the ticket.
func (s *Server) Read(id int64, by *User, at time.Time) {
	s.locked(func() { s.read(id, by, at) })
}

// Tag adds a tag.
func (s *Server) Tag(id int64, by *User, tag string, at time.Time) {
	s.locked(func() { s.tag(id, by, tag, at) })
}

// Categorize moves the ticket into a category; 0: none.
func (s *Server) Categorize(id int64, by *User, category int64, at time.Time) {
	s.locked(func() { s.categorize(id, by, category, at) })
}

// Note adds an internal note.
func (s *Server) Note(id int64, by *User, at time.Time) {
	s.locked(func() { s.note(id, by, at) })
}

// MarkSpam says that the ticket is spam.
func (s *Server) MarkSpam(id int64, by *User, at time.Time) {
	s.locked(func() { s.markSpam(id, by, at) })
}

func (s *Server) locked(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do()
}

// From here on the caller holds mu.

func (s *Server) create(t Ticket, by *User, at time.Time) int64 {
	t.Created, t.LastActivity = at, at
	if t.Author == nil {
		t.Author = by
	}
	id := s.add(t)
	s.log(id, Entry{Time: at, Type: TicketCreated, User: by})
	return id
}

func (s *Server) reply(id int64, by *User, at time.Time) {
	s.happen(id, Entry{Time: at, Type: ReplyCreated, User: by}, true, func(t *Ticket) { t.Replies++ })
}

func (s *Server) changeStatus(id int64, by *User, to string, at time.Time) {
	if r := s.records[id]; r != nil {
		e := Entry{Time: at, Type: StatusChanged, User: by, From: r.Status, To: to}
		s.happen(id, e, s.opts.StatusMovesActivity, func(t *Ticket) { t.Status = to })
	}
}

func (s *Server) assign(id int64, by, to *User, at time.Time) {
	e := Entry{Time: at, Type: TicketAssigned, User: by, Target: to}
	if to == nil {
		e.Type = TicketUnassigned
	}
	s.happen(id, e, s.opts.StatusMovesActivity, func(t *Ticket) { t.Assignee = to })
}

func (s *Server) read(id int64, by *User, at time.Time) {
	s.happen(id, Entry{Time: at, Type: TicketRead, User: by}, false, nil)
}

func (s *Server) tag(id int64, by *User, tag string, at time.Time) {
	e := Entry{Time: at, Type: TagsChanged, User: by, Tags: []string{tag}}
	s.happen(id, e, false, func(t *Ticket) {
		if !slices.Contains(t.Tags, tag) {
			t.Tags = append(t.Tags, tag)
		}
	})
}

func (s *Server) categorize(id int64, by *User, category int64, at time.Time) {
	e := Entry{Time: at, Type: CategoryChanged, User: by, Category: category}
	s.happen(id, e, false, func(t *Ticket) { t.CategoryID = category })
}

func (s *Server) note(id int64, by *User, at time.Time) {
	s.happen(id, Entry{Time: at, Type: NoteCreated, User: by}, true, nil)
}

func (s *Server) markSpam(id int64, by *User, at time.Time) {
	s.happen(id, Entry{Time: at, Type: MarkedAsSpam, User: by}, false, func(t *Ticket) { t.Spam = true })
}

// happen writes e into the log and changes the ticket. activity says whether it moves the
// ticket up in the order of activity. Nothing happens to a ticket that is deleted.
func (s *Server) happen(id int64, e Entry, activity bool, change func(*Ticket)) {
	r := s.records[id]
	if r == nil || r.gone {
		return
	}
	r.insert(e)
	if change != nil {
		change(&r.Ticket)
	}
	if at := instant(e.Time); activity && at.After(r.LastActivity) {
		r.LastActivity = at
	}
}
