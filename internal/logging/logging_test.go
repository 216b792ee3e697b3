package logging_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/internal/logging"
)

func TestLinesHaveLevelMessageAndFields(t *testing.T) {
	var out bytes.Buffer
	l, err := logging.New(&out, "info", "logfmt")
	require.NoError(t, err)
	l.Debug("hidden")
	l.Info("ticket read", "ticket", 255762)
	require.NotContains(t, out.String(), "hidden")
	require.Contains(t, out.String(), "level=info")
	require.Contains(t, out.String(), `msg="ticket read" ticket=255762`)
}

func TestJSON(t *testing.T) {
	var out bytes.Buffer
	l, err := logging.New(&out, "error", "json")
	require.NoError(t, err)
	l.Warn("hidden")
	l.Error("store full", "file", "events.db")
	var line map[string]any
	require.NoError(t, json.Unmarshal(out.Bytes(), &line), "one record, one line: %s", out.String())
	require.Equal(t, "store full", line["msg"])
	require.Equal(t, "events.db", line["file"])
}

func TestNonsenseIsRefusedByName(t *testing.T) {
	_, err := logging.New(nil, "loud", "json")
	require.ErrorContains(t, err, `"loud"`)
	_, err = logging.New(nil, "info", "xml")
	require.ErrorContains(t, err, `"xml"`)
}
