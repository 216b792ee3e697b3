package cli

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/internal/backfill"
	"socialboards_exporter/internal/terminal"
)

func TestBackfillFlags(t *testing.T) {
	noon := time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"": {}, "2026-10-01": noon.Add(-12 * time.Hour), "2026-10-01T14:00:00+02:00": noon, "1790856000": noon,
	} {
		s, err := BackfillFlags{From: text, To: text, Step: "1m30s"}.settings()
		require.NoError(t, err, text)
		require.True(t, s.From.Equal(want), "%q is %v", text, s.From)
		require.True(t, s.To.Equal(want), "%q is %v", text, s.To)
		require.Equal(t, 90*time.Second, s.Step)
	}
	for says, b := range map[string]BackfillFlags{
		`--from: "yesterday" is no time; write 2026-10-01`: {From: "yesterday", Step: "1m"},
		`--to: "0" is no time`:                             {To: "0", Step: "1m"},
		`--from: "1790856000000" is no time`:               {From: "1790856000000", Step: "1m"}, // milliseconds
		`--step: `:                                         {Step: "often"},
		`--step: empty duration`:                           {},
	} {
		_, err := b.settings()
		require.ErrorContains(t, err, says)
	}
}

func TestBackfillShowsHowFarItIs(t *testing.T) {
	var out bytes.Buffer
	at := time.Unix(1, 0)
	show := showBackfill(terminal.NewLine(&out), func() time.Time { return at })
	for samples := range uint64(10) {
		show(backfill.Progress{Day: time.Date(2026, 10, 3, 0, 0, 0, 0, time.UTC), Days: 2, Of: 30, Samples: samples})
		at = at.Add(50 * time.Millisecond)
	}
	require.Equal(t, 3, bytes.Count(out.Bytes(), []byte("backfill 2026-10-03, 2 of 30 written, ")), out.String())
	require.Contains(t, out.String(), "4 samples")
}
