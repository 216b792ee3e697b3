package exposition

import (
	"bytes"
	"encoding/binary"
	"fmt"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"google.golang.org/protobuf/proto"
)

// format writes a family in parts: what comes before its series, and any number of series
// at a time. In order they are what expfmt makes of the family as a whole.
type format interface {
	// head gives what comes before series that take size bytes.
	head(f *dto.MetricFamily, size int64) ([]byte, error)
	// series appends the series of f.
	series(to *bytes.Buffer, f *dto.MetricFamily) error
}

// formatOf gives the format to write f in; false: one that is not written in parts.
func formatOf(f expfmt.Format) (format, bool) {
	switch f.FormatType() {
	case expfmt.TypeTextPlain, expfmt.TypeOpenMetrics:
		// No name here needs escaping, whatever the scheme, and this one costs nothing.
		return textFormat{f.WithEscapingScheme(model.NoEscaping)}, true
	case expfmt.TypeProtoDelim:
		return protoFormat{}, true
	default:
		return nil, false
	}
}

// textFormat is any format with comments before series, and a line for each of these.
type textFormat struct{ expfmt.Format }

// head writes a family of one series, of whatever type, and cuts off the series.
func (t textFormat) head(f *dto.MetricFamily, _ int64) ([]byte, error) {
	any := &dto.Metric{Counter: &dto.Counter{}, Gauge: &dto.Gauge{}, Histogram: &dto.Histogram{}}
	var b bytes.Buffer
	err := expfmt.NewEncoder(&b, t.Format).Encode(&dto.MetricFamily{Name: f.Name, Help: f.Help, Type: f.Type, Metric: []*dto.Metric{any}})
	return b.Bytes()[:comments(b.Bytes())], err
}

func (t textFormat) series(to *bytes.Buffer, f *dto.MetricFamily) error {
	begin := to.Len()
	err := expfmt.NewEncoder(to, t.Format).Encode(&dto.MetricFamily{Name: f.Name, Type: f.Type, Metric: f.Metric})
	written := to.Bytes()[begin:]
	n := copy(written, written[comments(written):])
	to.Truncate(begin + n)
	return err
}

// comments gives the length of the lines that a text begins with and that are comments.
func comments(text []byte) int {
	n := 0
	for n < len(text) && text[n] == '#' {
		n += bytes.IndexByte(text[n:], '\n') + 1
	}
	return n
}

// protoFormat is delimited protobuf. A message is its fields one after the other, and so
// may be written in parts.
type protoFormat struct{}

func (protoFormat) head(f *dto.MetricFamily, size int64) ([]byte, error) {
	fields, err := proto.Marshal(&dto.MetricFamily{Name: f.Name, Help: f.Help, Type: f.Type})
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", f.GetName(), err)
	}
	return append(binary.AppendUvarint(nil, uint64(int64(len(fields))+size)), fields...), nil //nolint:gosec // not negative
}

func (protoFormat) series(to *bytes.Buffer, f *dto.MetricFamily) error {
	fields, err := proto.MarshalOptions{}.MarshalAppend(to.AvailableBuffer(), &dto.MetricFamily{Metric: f.Metric})
	if err != nil {
		return fmt.Errorf("encode %s: %w", f.GetName(), err)
	}
	to.Write(fields)
	return nil
}
