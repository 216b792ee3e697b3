package sla_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/internal/config"
	"socialboards_exporter/internal/sla"
)

// page is the documentation, whose figures are checked here.
func page(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/sla.md")
	require.NoError(t, err)
	return string(text)
}

// calendars reads the page's configuration as the exporter would.
func calendars(t *testing.T, page string) map[string]*sla.Calendar {
	t.Helper()
	_, rest, ok := strings.Cut(page, "```yaml\n")
	require.True(t, ok)
	yaml, _, ok := strings.Cut(rest, "```")
	require.True(t, ok)
	c, err := config.Parse("sla.md", []byte("api: {client_id: x, refresh_token: y}\ntickets: {ids: [1]}\n"+yaml), ".",
		config.Known{HolidayCountry: sla.HolidayCountry})
	require.NoError(t, err)
	all := make(map[string]*sla.Calendar)
	for _, k := range c.SLA().Calendars {
		spec := sla.Spec{Name: k.Name, Location: k.Location, Country: k.Country}
		for day, hours := range k.Hours {
			for _, i := range hours {
				spec.Hours[day] = append(spec.Hours[day], sla.Interval(i))
			}
		}
		for _, d := range k.Dates {
			spec.Dates = append(spec.Dates, sla.Date(d))
		}
		all[k.Name], err = sla.New(spec)
		require.NoError(t, err)
	}
	return all
}

// rows gives the cells of the table that has the given header.
func rows(t *testing.T, page, header string) (cells [][]string) {
	t.Helper()
	_, table, ok := strings.Cut(page, header+"\n")
	require.True(t, ok, header)
	for n, line := range strings.Split(table, "\n") {
		if !strings.HasPrefix(line, "|") {
			break
		}
		if n == 0 {
			continue // the rule below the header
		}
		row := strings.Split(strings.Trim(line, "|"), "|")
		for i := range row {
			row[i] = strings.TrimSpace(row[i])
		}
		cells = append(cells, row)
	}
	require.NotEmpty(t, cells, header)
	return cells
}

// oslo reads a time of the page; "never", and nothing, is the zero Time.
func oslo(t *testing.T, text string) time.Time {
	t.Helper()
	if text == "never" || text == "" {
		return time.Time{}
	}
	const layout = "Mon 2006-01-02 15:04"
	loc, err := time.LoadLocation("Europe/Oslo")
	require.NoError(t, err)
	at, err := time.ParseInLocation(layout, text, loc)
	require.NoError(t, err)
	require.Equal(t, text, at.Format(layout), "the day of the week")
	return at.UTC()
}

func TestDocumentedSpans(t *testing.T) {
	page := page(t)
	known := calendars(t, page)
	for _, row := range rows(t, page, "| calendar | from | to | counted | |") {
		t.Run(strings.Join(row[:3], " "), func(t *testing.T) {
			require.Contains(t, known, row[0])
			want, err := time.ParseDuration(row[3])
			require.NoError(t, err)
			require.Equal(t, want, known[row[0]].Between(oslo(t, row[1]), oslo(t, row[2])))
		})
	}
}

func TestDocumentedClocks(t *testing.T) {
	page := page(t)
	known := calendars(t, page)
	for _, row := range rows(t, page, "| calendar | start | paused | target | due | exceeded | |") {
		t.Run(strings.Join(row[:4], " "), func(t *testing.T) {
			require.Contains(t, known, row[0])
			target, err := time.ParseDuration(row[3])
			require.NoError(t, err)
			k := sla.Clock{Calendar: known[row[0]], Start: oslo(t, row[1]), Target: target}
			if from, to, _ := strings.Cut(row[2], " to "); from != "" {
				k.Pauses = []sla.Span{{From: oslo(t, from), To: oslo(t, to)}}
			}
			due, _ := k.Reach(target)
			require.Equal(t, oslo(t, row[4]), due, "due")
			exceeded, _ := k.Exceeds()
			require.Equal(t, oslo(t, row[5]), exceeded, "exceeded")
		})
	}
}

func TestDocumentedCountries(t *testing.T) {
	oneLine := strings.Join(strings.Fields(page(t)), " ")
	require.Contains(t, oneLine, "Codes: "+strings.Join(sla.Countries(), ", ")+".")
}
