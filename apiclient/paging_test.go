package apiclient

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// stillLog gives n entries, each a second older than the one before.
func stillLog(n int) []place { return stretch(0, n) }

// stretch gives n entries of such a log, from the skip-th on.
func stretch(skip, n int) []place {
	log := make([]place, n)
	for i := range log {
		i := i + skip
		at := time.Unix(1e9-int64(i), 0).UTC()
		id := identity{at: at, action: "x", user: fmt.Sprint(i)}
		log[i-skip] = place{identity: id, entry: Entry{Time: at, ActionType: "x", User: &User{ID: id.user}}, readable: true, when: at}
	}
	return log
}

// serve answers from log as the API does.
func serve(log []place) func(skip int) (page, *Error) {
	return func(skip int) (page, *Error) {
		p := log[min(skip, len(log)):]
		return page{places: slices.Clone(p[:min(PageSize, len(p))])}, nil
	}
}

func allKnown(time.Time, string) int { return 1000 }

func TestALogOutOfOrderIsReadToItsEnd(t *testing.T) {
	t.Parallel()
	log := stillLog(120)
	slices.Reverse(log)
	reader := logReader{ask: serve(log), query: LogQuery{Known: allKnown}}
	r, failure := reader.read()
	require.Nil(t, failure)
	require.True(t, r.ReachedEnd, "that a page is known says nothing of what it does not show")
	require.Len(t, r.Entries, 120)
	require.Equal(t, log[119].entry, r.Entries[0], "newest first all the same")
}

func TestAPageOfNothingReadableIsNoReasonToStop(t *testing.T) {
	t.Parallel()
	log := stillLog(120)
	for i := range PageSize {
		log[i] = place{identity: identity{raw: fmt.Sprint(i)}}
	}
	reader := logReader{ask: serve(log), query: LogQuery{Known: allKnown}}
	r, failure := reader.read()
	require.Nil(t, failure)
	require.NotEmpty(t, r.Entries)
	require.Equal(t, PageSize, r.Unreadable)
}

func TestAnEmptyPageWhereEntriesShouldBeIsBelievedTheSecondTime(t *testing.T) {
	t.Parallel()
	log, asked := stillLog(60), 0
	reader := logReader{ask: func(skip int) (page, *Error) {
		asked++
		if skip > 0 {
			return page{}, nil
		}
		return page{places: slices.Clone(log[:PageSize])}, nil
	}}
	r, failure := reader.read()
	require.Nil(t, failure)
	require.True(t, r.ReachedEnd)
	require.Len(t, r.Entries, PageSize)
	require.Equal(t, 4, asked)

	asked = 0
	moving := logReader{ask: func(skip int) (page, *Error) {
		if asked++; skip > 0 {
			return page{}, nil
		}
		return page{places: slices.Clone(log[asked/2 : asked/2+PageSize])}, nil
	}}
	_, failure = moving.read()
	require.NotNil(t, failure)
	require.Equal(t, Unstable, failure.Kind, "entries are taken away all the time")
}

func TestAReadingIsBounded(t *testing.T) {
	t.Parallel()
	asked := 0
	endless := logReader{ask: func(skip int) (page, *Error) {
		asked++
		return page{places: stretch(skip, 10_000)}, nil
	}}
	_, failure := endless.read()
	require.NotNil(t, failure)
	require.Equal(t, TooLarge, failure.Kind)
	require.LessOrEqual(t, asked, mostItems/9_000)

	fat := logReader{ask: func(skip int) (page, *Error) {
		return page{places: stretch(skip, PageSize), bytes: largestBody}, nil
	}}
	_, failure = fat.read()
	require.NotNil(t, failure)
	require.Equal(t, TooLarge, failure.Kind)
	require.Equal(t, mostLogBytes/largestBody+1, fat.requests)

	asked = 0
	erratic := logReader{ask: func(int) (page, *Error) {
		asked++
		return page{places: stretch(asked*1000, PageSize)}, nil
	}}
	_, failure = erratic.read()
	require.NotNil(t, failure)
	require.Equal(t, Unstable, failure.Kind)
	require.Equal(t, 2*mostAttempts, erratic.requests)
}

func BenchmarkOverlapOf10000Entries(b *testing.B) {
	log := stillLog(10_000)
	b.ReportAllocs()
	for b.Loop() {
		reader := logReader{ask: serve(log)}
		if r, failure := reader.read(); failure != nil || len(r.Entries) != len(log) {
			b.Fatal(failure, len(r.Entries))
		}
	}
}

func BenchmarkDecodeAPage(b *testing.B) {
	body := []byte(`{"data":[`)
	for i := range PageSize {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, `{"actionString":"changed the status from \"Open\" to \"Pending\"","actionType":"ticket_status_changed",`+
			`"includedItems":{"categories":[],"tags":[],"users":[]},"time":"2023-12-13T22:11:52.9031351+00:00",`+
			`"user":{"customIdentifier":null,"email":"wandmaster@olivanders.com","id":"841c30d5-6ae4-4df1-939e-04c55aed5e98",`+
			`"image":null,"isBot":false,"name":"Garrick Ollivander","status":"team"}}`...)
	}
	body = append(body, `],"errorCode":-1,"errorText":null}`...)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if page, failure := decodeLog(body); failure != nil || len(page) != PageSize {
			b.Fatal(failure, len(page))
		}
	}
}
