package acceptance

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient/apitest"
)

// TestAStopWhileTheStoreLoadsIsInGoodOrder asks for the end at many moments of the start.
func TestAStopWhileTheStoreLoadsIsInGoodOrder(t *testing.T) {
	t.Parallel()
	e := newExporter(t, apitest.Start(t, apitest.Options{}), everything)
	for wait := time.Duration(0); wait < 60*time.Millisecond; wait += 6 * time.Millisecond {
		e.start()
		require.Eventually(t, func() bool { return strings.Contains(e.log.String(), "msg=starting") }, 10*time.Second, time.Millisecond)
		pause(wait)
		require.Equal(t, 0, e.stop(), "%s after it said that it starts", wait)
		e.log = &logBuffer{}
	}
}

// TestAnIdleConnectionMakesNoFailureOfAStop connects as browsers do ahead of need.
func TestAnIdleConnectionMakesNoFailureOfAStop(t *testing.T) {
	t.Parallel()
	e := newExporter(t, apitest.Start(t, apitest.Options{}), everything)
	e.start()
	listening(t, e, e.address)
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", e.address)
	require.NoError(t, err)
	defer conn.Close()
	require.Equal(t, 0, e.stop())
}
