package health

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var start = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// step is one request, or a look at the verdict, some time after the start.
type step struct {
	after    time.Duration
	endpoint string // empty: only look
	ok       bool
	up       bool
}

func TestUpWhileRequestsSucceed(t *testing.T) {
	const interval = 30 * time.Second
	for _, tc := range []struct {
		name  string
		steps []step
	}{
		{"nothing was tried", []step{{24 * time.Hour, "", false, true}}},
		{"three intervals of failure", []step{
			{0, "list", false, true}, {30 * time.Second, "list", false, true},
			{60 * time.Second, "list", false, true}, {89 * time.Second, "", false, true}, {90 * time.Second, "", false, false},
		}},
		{"long failure, seldom tried", []step{
			{0, "list", false, true}, {time.Second, "list", false, true}, {time.Hour, "", false, false}, {2 * time.Hour, "list", false, false},
		}},
		{"one success ends it", []step{
			{0, "log", false, true}, {90 * time.Second, "log", false, false}, {91 * time.Second, "log", true, true},
			{92 * time.Second, "log", false, true}, {181 * time.Second, "log", false, true}, {182 * time.Second, "", false, false},
		}},
		{"success at one endpoint does not help another", []step{
			{0, "log", false, true}, {0, "list", true, true}, {50 * time.Second, "log", false, true},
			{80 * time.Second, "list", true, true}, {90 * time.Second, "list", true, false},
		}},
		{"a single failure, and nothing tried since", []step{{0, "log", false, true}, {24 * time.Hour, "", false, true}}},
		{"quiet after a success", []step{{0, "log", true, true}, {24 * time.Hour, "", false, true}}},
		{"the host's clock was an hour ahead", []step{
			{time.Hour, "list", false, true}, {0, "list", false, true}, {90 * time.Second, "", false, false},
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tr := New(interval)
			for i, s := range tc.steps {
				at := start.Add(s.after)
				if s.endpoint != "" {
					tr.RequestDone(s.endpoint, s.ok, at)
				}
				require.Equal(t, s.up, tr.Up(at), "step %d", i)
			}
		})
	}
}

func TestTokenAndStore(t *testing.T) {
	tr := New(time.Second)
	for name, set := range map[string]func(bool){"token": tr.TokenRefused, "store": tr.StoreFailed} {
		require.True(t, tr.Up(start), name)
		set(true)
		require.False(t, tr.Up(start), name)
		set(false)
		require.True(t, tr.Up(start), name)
	}
}

func TestLastSuccess(t *testing.T) {
	tr := New(time.Second)
	require.True(t, tr.LastSuccess("log").IsZero())
	tr.RequestDone("log", false, start)
	require.True(t, tr.LastSuccess("log").IsZero())
	tr.RequestDone("log", true, start.Add(time.Second))
	tr.RequestDone("log", false, start.Add(time.Minute))
	require.Equal(t, start.Add(time.Second), tr.LastSuccess("log"))
	require.True(t, tr.LastSuccess("list").IsZero())
}

func TestAnotherInterval(t *testing.T) {
	tr := New(time.Minute)
	tr.RequestDone("log", false, start)
	tr.RequestDone("log", false, start)
	require.True(t, tr.Up(start.Add(10*time.Second)))
	tr.SetInterval(time.Second)
	require.False(t, tr.Up(start.Add(10*time.Second)))
}

func TestManyAtOnce(t *testing.T) {
	tr := New(time.Second)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 200 {
				at := start.Add(time.Duration(i) * time.Second)
				tr.RequestDone("log", true, at)
				tr.StoreFailed(false)
				tr.TokenRefused(false)
				if !tr.Up(at) || tr.LastSuccess("log").IsZero() {
					t.Error("down although every request succeeds")
				}
			}
		})
	}
	wg.Wait()
}
