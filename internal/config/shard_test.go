package config

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Only with an instant can a shard lie beyond the last: it is one that leaves then.
func TestAShardBeyondTheLastLeavesAtAnInstant(t *testing.T) {
	const tickets = account + "tickets: {ids: [1]}\n"
	require.Contains(t, refusal(t, tickets+"shard: {index: 2, total: 2}"), "is no shard of shard.total 2")
	require.Contains(t, refusal(t, tickets+"shard: {index: -1, total: 2, since: 2026-12-01T00:00:00Z}"), "is no shard")
	c, err := Parse("socialboards.yml", []byte(tickets+"shard: {index: 2, total: 2, since: 2026-12-01T00:00:00Z}"), t.TempDir(), Known{})
	require.NoError(t, err)
	require.Equal(t, []int{2, 2}, []int{c.Shard().Index, c.Shard().Total})
}
