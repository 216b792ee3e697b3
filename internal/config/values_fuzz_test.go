package config

import (
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

var durationForm = regexp.MustCompile(`^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$`)

// added gives the duration that text spells, in milliseconds, unit by unit.
func added(text string) (*big.Int, bool) {
	m := durationForm.FindStringSubmatch(text)
	if m == nil || text == "" {
		return nil, false
	}
	sum := new(big.Int)
	for i, unit := range []int64{365 * 86_400_000, 7 * 86_400_000, 86_400_000, 3_600_000, 60_000, 1000, 1} {
		if m[i+1] != "" {
			n, _ := new(big.Int).SetString(m[i+1], 10)
			sum.Add(sum, n.Mul(n, big.NewInt(unit)))
		}
	}
	return sum, true
}

// FuzzDuration holds durations to a sum of their units, and what /config shows to what was read.
func FuzzDuration(f *testing.F) {
	for _, s := range []string{"30s", "1h30m", "2d", "1w", "1y2w3d4h5m6s7ms", "292y", "293y", "0s", "-1s", "1.5h", "1m1h", "5", "99999999999999999999s", "٣s"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d := &decoder{}
		got, ok := d.duration(node{Node: &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}})
		require.Equal(t, ok, len(d.problems) == 0)
		want, spelled := added(text)
		most := big.NewInt(int64(1<<63-1) / int64(time.Millisecond))
		require.Equal(t, spelled && want.Sign() > 0 && want.Cmp(most) <= 0, ok, "%q", text)
		if !ok {
			return
		}
		require.Equal(t, want.Int64(), got.Milliseconds())
		for _, shown := range []string{format(got), hms(got)} {
			again, err := model.ParseDuration(shown)
			require.NoError(t, err)
			require.Equal(t, got, time.Duration(again), shown)
		}
	})
}

// weekOf makes opening hours of bytes: day, first minute, length and form from each four; and,
// minute by minute, how often each is open.
func weekOf(data []byte) (text string, minutes []int, untold bool) {
	minutes = make([]int, 7*24*60)
	spans := map[string][]string{}
	var days []string
	for ; len(data) >= 4; data = data[4:] {
		day, from, length := int(data[0])%7, int(data[1])*6%1440, int(data[2])*6+int(data[3])%6
		if length == 0 || length > 1440 {
			continue
		}
		name := weekdays()[day]
		if spans[name] == nil {
			days = append(days, name)
		}
		end := (from + length) % 1440
		if length == 1440 && from == 0 {
			end = 1440
		}
		form := []string{"%02d:%02d-%02d:%02d", "%d:%02d – %02d:%02d"}[data[3]/6%2]
		spans[name] = append(spans[name], fmt.Sprintf(form, from/60, from%60, end/60, end%60))
		untold = untold || length == 1440 && from > 0 // it begins and ends alike, as an empty one would
		for m := range length {
			minutes[(day*1440+from+m)%len(minutes)]++
		}
	}
	var parts []string
	for _, name := range days {
		parts = append(parts, fmt.Sprintf("%s: [%q]", name, strings.Join(spans[name], `", "`)))
	}
	return strings.ReplaceAll("{"+strings.Join(parts, ", ")+"}", `\"`, `"`), minutes, untold
}

// FuzzHours holds opening hours to a count of each minute of the week.
func FuzzHours(f *testing.F) {
	f.Add([]byte{1, 80, 35, 0, 1, 120, 40, 7})
	f.Add([]byte{6, 220, 60, 1, 0, 0, 100, 0, 0, 20, 3, 1})
	f.Add([]byte{5, 0, 240, 0, 6, 0, 240, 6})
	f.Fuzz(func(t *testing.T, data []byte) {
		text, minutes, untold := weekOf(data)
		if untold {
			return
		}
		d := &decoder{file: "week.yml"}
		var root yaml.Node
		require.NoError(t, yaml.Unmarshal([]byte(text), &root))
		open := d.hours(node{Node: root.Content[0]})
		if slices.Max(minutes) != 1 {
			require.NotEmpty(t, d.problems, text)
			return
		}
		require.Empty(t, d.problems, text)
		for day, intervals := range open {
			for _, i := range intervals {
				for m := range int(i.length().Minutes()) {
					minutes[(day*1440+int(i.From.Minutes())+m)%len(minutes)]--
				}
			}
		}
		require.Zero(t, slices.Max(minutes)-slices.Min(minutes), text)
	})
}

// FuzzMisplaced writes a token into a configuration at any place and in any broken form:
// nothing that is said of it may show the token.
func FuzzMisplaced(f *testing.F) {
	f.Add("api: {client_id: x, refresh_token: ", "}\ntickets: {ids: [1]}")
	f.Add("api: {client_id: x, refresh_token_file: ", "}\ntickets: {ids: [1]}\nshard: {index: 7}")
	f.Add("api:\n  base_url: http://me:", "@example.com/\n")
	f.Add("api:\n  base_url: https://example.com/?a=", "\n")
	f.Add("api: {client_id_file: ", ", refresh_token: a}\ntickets: {ids: [1]}")
	f.Add("sla: {calendars: {", ": {timezone: x}}}")
	f.Add("sla: {objectives: [{name: ", ", measure: x}]}")
	f.Add("tickets: {ids: [", "], discover: [{category_id: x}]}")
	f.Add("statuses: {labels: {a: ", "}}")
	f.Add("? ", "\n: x\n")
	f.Add("poll: {interval: \"", "")
	f.Add("users: {pseudonym_key_file: ../", "}")
	f.Fuzz(func(t *testing.T, before, after string) {
		const token, half = "c5ngLXd0zVrgN6U7jdAw2EOGd9fj0GkZEFOvdd6yEHo=", "N6U7jdAw2EOGd9fj"
		c, err := Parse("fuzz.yml", []byte(before+token+after), "testdata", testKnown())
		if err != nil {
			require.NotContains(t, err.Error(), half)
			return
		}
		for _, warning := range c.Warnings() {
			require.NotContains(t, warning, half)
		}
	})
}
