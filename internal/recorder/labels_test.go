package recorder

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"socialboards_exporter/internal/fact"
)

// drafting gives a recorder that only labels, ready or in its first pass.
func drafting(limit int, ready bool) *Recorder {
	return &Recorder{set: Settings{UserLimit: limit}, labels: newLabels(), ready: ready,
		now: func() time.Time { return time.Unix(1000, 0) }}
}

func labelsOf(d *draft, id int64) [3]string {
	for key, s := range d.series {
		if s.ID == id {
			return key.labels
		}
	}
	return [3]string{}
}

func TestUsersGetPlacesInTheOrderInWhichTheyCome(t *testing.T) {
	r := drafting(1, true)
	d := r.draft()
	for _, u := range []fact.User{{ID: "ada", Type: fact.Team}, {ID: "bob", Type: fact.Team}, {ID: "robot", Type: fact.Bot}} {
		d.user(u.ID, u.Type, "")
	}
	user := func(id, userType string) string {
		return labelsOf(d, d.event(fact.Entry{Action: "a", UserID: id, UserType: userType}))[1]
	}
	require.Equal(t, "ada", user("ada", fact.Team))
	require.Equal(t, otherLabel, user("bob", fact.Team))
	require.Equal(t, "robot", user("robot", fact.Bot), "bots have places of their own")
	require.Empty(t, user("", fact.Client))

	d.user("ada", fact.Team, "Ada the Second")
	require.True(t, d.users["ada"].Placed, "a place once given is kept")
}

func TestNamesBeyondTheBoundBecomeOther(t *testing.T) {
	r := drafting(1, true)
	d := r.draft()
	for i := range maxNames + 5 {
		d.event(fact.Entry{Action: fmt.Sprint("type", i), UserType: fact.System})
	}
	require.Equal(t, otherLabel, labelsOf(d, d.event(fact.Entry{Action: "one more", UserType: fact.System}))[0])
	require.Equal(t, "type7", labelsOf(d, d.event(fact.Entry{Action: "type7", UserType: fact.System}))[0])
	require.Len(t, d.actions, maxNames+1)
}

func TestEachPlacedUserStandsAtZeroForWhatItsTypeDoes(t *testing.T) {
	r := drafting(10, true)
	d := r.draft()
	d.user("ada", fact.Team, "")
	d.user("bob", fact.Team, "")
	d.event(fact.Entry{Action: "reply_created", UserID: "ada", UserType: fact.Team, Time: 5})
	d.zeros()
	var b fact.Batch
	d.batch(&b)
	created := map[string]fact.Instant{}
	for _, s := range b.Series {
		created[s.Labels[1]] = s.Created
	}
	require.Equal(t, map[string]fact.Instant{"ada": 5, "bob": fact.At(time.Unix(1000, 0))}, created)
}

func TestCreatedTimestampsAreConstantOnceShown(t *testing.T) {
	r := drafting(1, false)
	d := r.draft()
	id := d.need(fact.Clocks, [3]string{"o"}, 500)
	require.Equal(t, id, d.need(fact.Clocks, [3]string{"o"}, 300))
	require.Equal(t, fact.Instant(300), d.series[seriesKey{fact.Clocks, [3]string{"o"}}].Created, "nothing was shown yet")

	r.ready = true
	d = r.draft()
	d.need(fact.Clocks, [3]string{"o"}, 100)
	require.Equal(t, fact.Instant(300), d.series[seriesKey{fact.Clocks, [3]string{"o"}}].Created)
	require.Empty(t, d.changed)
}

// What could not be committed leaves no trace.
func TestADiscardedDraftIsForgotten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drafting(2, rapid.Bool().Draw(t, "ready"))
		fill := func(name string) *draft {
			d := r.draft()
			for range rapid.IntRange(0, 6).Draw(t, name) {
				user := rapid.SampledFrom([]string{"ada", "bob", "eve"}).Draw(t, "user")
				d.user(user, fact.Team, rapid.SampledFrom([]string{"", "x"}).Draw(t, "name"))
				d.event(fact.Entry{Action: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "action"), UserID: user, UserType: fact.Team,
					Time: fact.Instant(rapid.IntRange(1, 9).Draw(t, "time"))})
			}
			d.zeros()
			return d
		}
		fill("kept")
		series, users, placed, lastID := maps.Clone(r.labels.series), maps.Clone(r.labels.users), maps.Clone(r.labels.placed), r.labels.lastID
		fill("lost").discard()
		require.Equal(t, series, r.labels.series)
		require.Equal(t, users, r.labels.users)
		require.Equal(t, placed[fact.Team], r.labels.placed[fact.Team])
		require.Equal(t, lastID, r.labels.lastID)
		require.Equal(t, namesOf(series), r.labels.names)
	})
}

func TestCutEndsAtACharacter(t *testing.T) {
	require.Equal(t, "å", cut("å"))
	for n := range 4 {
		s := cut(strings.Repeat("x", n) + strings.Repeat("€", maxLabelLen))
		require.LessOrEqual(t, len(s), maxLabelLen)
		require.Greater(t, len(s), maxLabelLen-3)
		require.True(t, utf8.ValidString(s))
	}
}

func TestPseudonyms(t *testing.T) {
	// printf 'id' | openssl dgst -sha256 -hmac 'secret' begins like this.
	p := NewPseudonyms([]byte("secret"))
	require.Equal(t, "0da5b4052abdeb0b", p.of("id"))
	require.NotEqual(t, p.of("id"), NewPseudonyms([]byte("other")).of("id"))
	require.Empty(t, p.of(""))
	require.Equal(t, "id", (*Pseudonyms)(nil).of("id"))
}

func TestShardsOwnEachTicketOnce(t *testing.T) {
	require.True(t, Shard{Index: 0, Total: 1}.Owns(1))
	// FNV-1a, 64 bits, of the decimal id, modulo 4; reckoned by hand.
	for id, index := range map[int64]uint64{255762: 0, 4478963: 2, 1: 0} {
		require.True(t, Shard{Index: index, Total: 4}.Owns(id))
	}
	counts := [3]int{}
	for id := int64(1); id <= 3000; id++ {
		owners := 0
		for i := range uint64(3) {
			if (Shard{Index: i, Total: 3}).Owns(id) {
				owners++
				counts[i]++
			}
		}
		require.Equal(t, 1, owners)
	}
	for _, n := range counts {
		require.InDelta(t, 1000, n, 150)
	}
}
