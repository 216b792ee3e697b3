package config

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"
)

// TestOverlapsAgainstEachHour draws weeks of whole hours and counts, hour by hour, how
// often each is open. Twice anywhere, or never, must be refused; otherwise the week that
// was read must be open in the same hours.
func TestOverlapsAgainstEachHour(t *testing.T) {
	refused, accepted := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		var hours [7 * 24]int
		week := doc{}
		for day, name := range weekdays() {
			spans := []string{}
			for range rapid.SampledFrom([]int{0, 0, 1, 1, 2}).Draw(t, name) {
				from := rapid.IntRange(0, 23).Draw(t, "from")
				length := rapid.IntRange(1, 12).Draw(t, "length")
				spans = append(spans, fmt.Sprintf("%02d:00-%02d:00", from, (from+length)%24))
				for h := range length {
					hours[(day*24+from+h)%len(hours)]++
				}
			}
			week[name] = spans
		}
		text, err := yaml.Marshal(doc{
			"api": doc{"client_id": "x", "refresh_token": "dummy"}, "tickets": doc{"ids": []int{1}},
			"sla": doc{"calendars": doc{"c": doc{"timezone": "UTC", "hours": week}}},
		})
		require.NoError(t, err)
		c, err := Parse("week.yml", text, "", Known{})

		if slices.Max(hours[:]) != 1 {
			refused++
			require.Error(t, err, "%s", text)
			return
		}
		accepted++
		require.NoError(t, err, "%s", text)
		for day, intervals := range c.SLA().Calendars[0].Hours {
			for _, i := range intervals {
				for h := range int(i.length().Hours()) {
					hours[(day*24+int(i.From.Hours())+h)%len(hours)]--
				}
			}
		}
		require.Zero(t, hours, "%s", text)
	})
	require.Positive(t, refused)
	require.Positive(t, accepted)
}
