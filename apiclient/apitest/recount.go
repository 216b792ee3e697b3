package apitest

import (
	"maps"
	"slices"
)

// Recount says what a naive counter makes of the logs as they are now: how many entries
// there are by action type, user id and user type. A user's type is bot if it is one,
// system if there is none, else its status; only team and bot users have an id. Without
// ids all tickets count, deleted ones too.
func (s *Server) Recount(ids ...int64) map[[3]string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(ids) == 0 {
		ids = slices.Collect(maps.Keys(s.records))
	}
	counts := map[[3]string]int{}
	for _, id := range ids {
		r := s.records[id]
		if r == nil {
			continue
		}
		for _, e := range r.entries {
			userID, userType := e.User.counted()
			counts[[3]string{e.Type, userID, userType}]++
		}
	}
	return counts
}

func (u *User) counted() (id, kind string) {
	switch {
	case u == nil:
		return "", "system"
	case u.IsBot:
		return u.ID, "bot"
	case u.Status == "team":
		return u.ID, u.Status
	}
	return "", u.Status
}
