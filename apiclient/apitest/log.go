package apitest

import (
	"bytes"
	"encoding/json"
	"io"
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
	if r.Endless {
		log = log.extend(req.Skip + s.opts.MaxTake)
	}
	lo, hi := s.pageBounds(len(log), req.Take, req.Skip)
	if r.sample != nil && lo == 0 && hi == len(r.entries) {
		return answer{status: http.StatusOK, body: r.sample}
	}
	page := make([]any, 0, hi-lo)
	for i := lo; i < hi; i++ {
		page = append(page, s.wireEntry(r, log[len(log)-1-i]))
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

// entries is a log, oldest first.
type entries []Entry

// shown gives the log as this answer shows it. The caller holds mu.
func (s *Server) shown(r *record, types []string) entries {
	log := entries(r.entries)
	if len(types) > 0 {
		log = slices.DeleteFunc(slices.Clone(log), func(e Entry) bool { return !slices.Contains(types, e.Type) })
	}
	if s.opts.ShuffleTies {
		log = slices.Clone(log)
		s.shuffleTies(log)
	}
	return log
}

func (s *Server) shuffleTies(log entries) {
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

// extend invents ever older entries until there are n.
func (log entries) extend(n int) entries {
	if len(log) >= n {
		return log
	}
	oldest := time.Unix(0, 0)
	if len(log) > 0 {
		oldest = log[0].Time
	}
	invented := make(entries, n-len(log), n)
	for i := range invented {
		invented[i] = Entry{Time: oldest.Add(-time.Duration(len(invented)-i) * time.Second), Type: TicketRead}
	}
	return append(invented, log...)
}
