package apitest

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// tongue is a language in which the API describes what was done.
type tongue struct {
	status  string            // with the quoted labels of both statuses
	labels  map[string]string // of statuses
	actions map[string]string // by action type
	other   string            // for all other action types
}

// tongues holds the languages. The sentences of the documented samples stand here as they
// are; the others were made after their pattern.
//
//nolint:gochecknoglobals // an immutable table
var tongues = map[string]tongue{
	"en": {
		status: `changed the status from "%s" to "%s"`,
		labels: map[string]string{Open: "Open", Pending: "Pending", Completed: "Completed"},
		actions: map[string]string{
			TicketCreated: "created the ticket", TicketRead: "read the ticket", ReplyCreated: "sent a reply",
			TicketAssigned: "changed ticket assignee to %s", TicketUnassigned: "removed the ticket assignee",
			TagsChanged: "added the tag %s", CategoryChanged: "changed the category to %s",
			NoteCreated: "added a note", MarkedAsSpam: "marked the ticket as spam",
		},
		other: "updated the ticket",
	},
	"nb": {
		status: `endret sakens status fra "%s" til "%s"`,
		labels: map[string]string{Open: "Åpen", Pending: "På vent", Completed: "Fullført"},
		actions: map[string]string{
			TicketCreated: "opprettet saken", TicketRead: "leste saken", ReplyCreated: "sendte et svar",
			TicketAssigned: "endret sakens ansvarlige til %s", TicketUnassigned: "fjernet sakens ansvarlige",
			TagsChanged: "la til emneknaggen %s", CategoryChanged: "endret kategorien til %s",
			NoteCreated: "la til et notat", MarkedAsSpam: "merket saken som søppelpost",
		},
		other: "oppdaterte saken",
	},
	"nn": {
		status: "endra statusen på saka frå «%s» til «%s»",
		labels: map[string]string{Open: "Open", Pending: "På vent", Completed: "Fullført"},
		actions: map[string]string{
			TicketCreated: "oppretta saka", TicketRead: "las saka", ReplyCreated: "sende eit svar",
			TicketAssigned: "endra den ansvarlege for saka til %s", TicketUnassigned: "fjerna den ansvarlege for saka",
			TagsChanged: "la til emneknaggen %s", CategoryChanged: "endra kategorien til %s",
			NoteCreated: "la til eit notat", MarkedAsSpam: "merkte saka som søppelpost",
		},
		other: "oppdaterte saka",
	},
	"sv": {
		status: `ändrade ärendets status från "%s" till "%s"`,
		labels: map[string]string{Open: "Öppen", Pending: "Väntande", Completed: "Slutförd"},
		actions: map[string]string{
			TicketCreated: "skapade ärendet", TicketRead: "läste ärendet", ReplyCreated: "skickade ett svar",
			TicketAssigned: "ändrade ärendets ansvariga till %s", TicketUnassigned: "tog bort ärendets ansvariga",
			TagsChanged: "lade till taggen %s", CategoryChanged: "ändrade kategorin till %s",
			NoteCreated: "lade till en anteckning", MarkedAsSpam: "markerade ärendet som skräppost",
		},
		other: "uppdaterade ärendet",
	},
	"da": {
		status: "ændrede sagens status fra “%s” til “%s”",
		labels: map[string]string{Open: "Åben", Pending: "Afventer", Completed: "Fuldført"},
		actions: map[string]string{
			TicketCreated: "oprettede sagen", TicketRead: "læste sagen", ReplyCreated: "sendte et svar",
			TicketAssigned: "ændrede sagens ansvarlige til %s", TicketUnassigned: "fjernede sagens ansvarlige",
			TagsChanged: "tilføjede tagget %s", CategoryChanged: "ændrede kategorien til %s",
			NoteCreated: "tilføjede en note", MarkedAsSpam: "markerede sagen som spam",
		},
		other: "opdaterede sagen",
	},
}

// sentence describes an entry. The caller holds mu.
func (s *Server) sentence(r *record, e Entry) string {
	if e.Action != "" {
		return e.Action
	}
	lang := s.languageOf(r, e)
	t, ok := tongues[lang]
	if !ok {
		t = tongues["en"]
	}
	if e.Type == StatusChanged {
		return fmt.Sprintf(t.status, s.label(t, lang, e.From), s.label(t, lang, e.To))
	}
	pattern, ok := t.actions[e.Type]
	if !ok {
		return t.other
	}
	if strings.Contains(pattern, "%s") {
		return fmt.Sprintf(pattern, e.object())
	}
	return pattern
}

func (s *Server) languageOf(r *record, e Entry) string {
	for _, lang := range []string{s.language, e.Language, r.Language} {
		if lang != "" {
			return lang
		}
	}
	return s.opts.Languages[0]
}

func (s *Server) label(t tongue, lang, status string) string {
	if l, ok := s.opts.Labels[lang][status]; ok {
		return l
	}
	if l, ok := t.labels[status]; ok {
		return l
	}
	first, n := utf8.DecodeRuneInString(status)
	return string(unicode.ToUpper(first)) + strings.ReplaceAll(status[n:], "_", " ")
}

// object is what an entry's sentence is about. Only the form for users is documented.
func (e Entry) object() string {
	switch {
	case e.Target != nil:
		return "{User:" + e.Target.ID + "}"
	case e.Type == CategoryChanged:
		return fmt.Sprintf("{Category:%d}", e.Category)
	}
	return strings.Join(e.Tags, ", ")
}
