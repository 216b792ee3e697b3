package apitest

import (
	"embed"
	"encoding/json"
	"fmt"
	"time"
)

//go:embed testdata/samples/*.json
var sampleFiles embed.FS

// The documented samples, by name.
const (
	SampleLogEN      = "get-ticket-log.en.response.json"
	SampleLogNB      = "get-ticket-log.nb.response.json"
	SampleLogRequest = "get-ticket-log.request.json"
	SampleList       = "list-tickets.response.json"
	SampleToken      = "token.response.json"
)

// Sample gives a documented sample byte for byte; nil: there is none of that name.
func Sample(name string) []byte {
	b, err := sampleFiles.ReadFile("testdata/samples/" + name)
	if err != nil {
		return nil
	}
	return b
}

// sampledEntry is what must be known of a sampled entry to count and page it.
type sampledEntry struct {
	ActionType string    `json:"actionType"`
	Time       time.Time `json:"time"`
	User       *struct {
		ID     string `json:"id"`
		Status string `json:"status"`
		IsBot  bool   `json:"isBot"`
	} `json:"user"`
}

// ServeSample makes body the log of a ticket, which is added if it is not known. It is
// shown byte for byte to those who ask for the whole of it, until the log is changed.
func (s *Server) ServeSample(id int64, body []byte) error {
	log, err := readSample(body)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.records[id]
	if r == nil {
		s.add(Ticket{ID: id})
		r = s.records[id]
	}
	r.entries = nil
	for i := len(log) - 1; i >= 0; i-- {
		r.insert(log[i])
	}
	r.sample = body
	return nil
}

// readSample gives the entries of a log page in its order.
func readSample(body []byte) ([]Entry, error) {
	var page struct {
		Data []json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(body, &page); err != nil {
		return nil, fmt.Errorf("log sample: %w", err)
	}
	log := make([]Entry, len(page.Data))
	for i, raw := range page.Data {
		var e sampledEntry
		if err := json.Unmarshal(raw, &e); err != nil {
			return nil, fmt.Errorf("log sample, entry %d: %w", i, err)
		}
		log[i] = Entry{Time: e.Time, Type: e.ActionType, Raw: raw}
		if e.User != nil {
			log[i].User = &User{ID: e.User.ID, Status: e.User.Status, IsBot: e.User.IsBot}
		}
	}
	return log, nil
}

// ServeListSample answers every list request with body, byte for byte, and those that
// skip something with an empty list. Its tickets are added where they are not known, so
// that their logs are there. nil: no sample any more.
func (s *Server) ServeListSample(body []byte) error {
	var list struct {
		Data []struct {
			ID      int64     `json:"id"`
			Created time.Time `json:"creationTime"`
			Status  string    `json:"status"`
		} `json:"data"`
	}
	if body != nil {
		if err := json.Unmarshal(body, &list); err != nil {
			return fmt.Errorf("list sample: %w", err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listSample = body
	for _, t := range list.Data {
		if s.records[t.ID] == nil {
			s.add(Ticket{ID: t.ID, Created: t.Created, Status: t.Status})
		}
	}
	return nil
}
