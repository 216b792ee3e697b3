package apiclient

import "time"

// parseTime reads a time as the API writes it: RFC 3339 with any number of fractional
// digits. It also bears offsets without a colon, and takes a time without an offset for
// UTC. The result is in UTC, cut to the 100 ns that the API tells time to.
//
// A year before 2 is no time: it is how the API's platform writes a time that was never set.
func parseTime(s string) (time.Time, bool) {
	// Parsing accepts a fraction after the seconds whether or not the layout has one.
	for _, layout := range [...]string{time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05"} {
		t, err := time.Parse(layout, s)
		if err != nil {
			continue
		}
		t = t.UTC()
		if t.Year() < 2 {
			return time.Time{}, false
		}
		return t.Truncate(100 * time.Nanosecond), true
	}
	return time.Time{}, false
}

// formatTime writes a time as the API writes it.
func formatTime(t time.Time) string {
	return t.Format("2006-01-02T15:04:05.0000000Z07:00")
}
