package apitest

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"slices"
	"time"
)

// answerLog gives a page of a ticket's log, newest first.
func (s *Server) answerLog(req Request) answer {
	types, ok := readLogBody(req.Body)
	if !ok || req.badQuery {
		return failure(http.StatusBadRequest, "The request is invalid.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.records[req.Ticket]
	if r == nil || r.gone {
		return failure(http.StatusNotFound, "The ticket was not found.")
	}
	log := s.shown(r, types)
	lo, hi := s.pageBounds(log.length(), req.Take, req.Skip)
	if r.sample != nil && lo == 0 && hi == len(r.entries) {
		return answer{status: http.StatusOK, body: r.sample}
	}
	page := make([]any, 0, hi-lo)
	for i := lo; i < hi; i++ {
		page = append(page, s.wireEntry(r, log.newest(i)))
	}
	return success(page)
}

// readLogBody reads which action types are wanted. Nothing at all wants all of them.
func readLogBody(body string) (types []string, ok bool) {
	if len(bytes.TrimSpace([]byte(body))) == 0 {
		return nil, true
	}
	var b struct {
		ActionTypes []string `json:"action_types"`
	}
	ok = strictJSON(body, &b)
	return b.ActionTypes, ok
}

// strictJSON reads one JSON value without unknown keys: a client that misspells a key
// should not go unnoticed.
func strictJSON(body string, into any) bool {
	dec := json.NewDecoder(bytes.NewReader([]byte(body)))
	dec.DisallowUnknownFields()
	if dec.Decode(into) != nil {
		return false
	}
	_, err := dec.Token()
	return err == io.EOF
}

// shownLog is a log as one answer shows it.
type shownLog struct {
	entries []Entry // oldest first
	endless bool
}

// shown gives the log as this answer shows it. The caller holds mu.
func (s *Server) shown(r *record, types []string) shownLog {
	log := shownLog{entries: r.entries, endless: r.Endless}
	if len(types) > 0 {
		log.entries = slices.DeleteFunc(slices.Clone(log.entries), func(e Entry) bool { return !slices.Contains(types, e.Type) })
	}
	if s.opts.ShuffleTies {
		log.entries = slices.Clone(log.entries)
		s.shuffleTies(log.entries)
	}
	return log
}

func (s *Server) shuffleTies(log []Entry) {
	for lo := 0; lo < len(log); {
		hi := lo + 1
		for hi < len(log) && log[hi].Time.Equal(log[lo].Time) {
			hi++
		}
		tie := log[lo:hi]
		s.chance.Shuffle(len(tie), func(i, j int) { tie[i], tie[j] = tie[j], tie[i] })
		lo = hi
	}
}

func (l shownLog) length() int {
	if l.endless {
		return math.MaxInt
	}
	return len(l.entries)
}

// newest gives the entry that stands behind i newer ones. An endless log invents ever
// older ones behind its last.
func (l shownLog) newest(i int) Entry {
	n := len(l.entries)
	if i < n {
		return l.entries[n-1-i]
	}
	oldest := time.Unix(0, 0)
	if n > 0 {
		oldest = l.entries[0].Time
	}
	const most = 1_000_000_000 // more seconds than anybody asks for, fewer than a Duration holds
	return Entry{Time: oldest.Add(-time.Duration((i-n)%most+1) * time.Second), Type: TicketRead}
}
