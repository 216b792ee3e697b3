package apitest

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTimesAreWrittenInManyWaysButExactly(t *testing.T) {
	forms := map[string]int{}
	form := regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(\+00:00|\+03:00)$`)
	for i := range 6_000 {
		at := noon.Add(time.Duration(mix(uint64(i))%1e16) / 100 * 100)
		if i%3 == 0 {
			at = at.Truncate(10 * time.Millisecond)
		}
		if i%7 == 0 {
			at = at.Truncate(time.Second)
		}
		text := formatTime(at)
		require.Regexp(t, form, text)
		require.Equal(t, text, formatTime(at))
		got, err := time.Parse(time.RFC3339Nano, text)
		require.NoError(t, err)
		require.True(t, at.Equal(got), "%s is not %s", text, at)
		_, fraction, _ := strings.Cut(text[:len(text)-6], ".")
		forms[text[len(text)-6:]+" "+strings.Repeat("d", len(fraction))]++
	}
	for _, offset := range []string{"+00:00 ", "+03:00 "} {
		for _, digits := range []int{0, 1, 2, 6, 7, 8, 9} {
			require.Positive(t, forms[offset+strings.Repeat("d", digits)], "%s%d digits", offset, digits)
		}
	}
}
