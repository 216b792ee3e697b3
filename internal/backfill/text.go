package backfill

import (
	"bytes"
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"socialboards_exporter/internal/eventstore"
	"socialboards_exporter/internal/exposition"
	"socialboards_exporter/internal/histogram"
)

// This file writes OpenMetrics text. The client library's writer makes whole families,
// and there are millions of samples; here a line is made once and repeated with other times.

// pair is a label.
type pair struct{ name, value string }

func pairsOf(m exposition.Metric, v values) []pair {
	pairs := make([]pair, 0, len(m.Labels)+1)
	for i, name := range m.Labels {
		pairs = append(pairs, pair{name, v[i]})
	}
	return pairs
}

// sample gives a line up to its time. A label that is empty is left out, which is the
// same to Prometheus, but not to every version of promtool.
func sample(name string, pairs []pair, value string) []byte {
	pairs = slices.DeleteFunc(slices.Clone(pairs), func(p pair) bool { return p.value == "" })
	slices.SortFunc(pairs, func(a, b pair) int { return cmp.Compare(a.name, b.name) })
	var b bytes.Buffer
	b.WriteString(name)
	for i, p := range pairs {
		b.WriteByte("{,"[min(i, 1)])
		b.WriteString(p.name)
		b.WriteString(`="`)
		b.WriteString(escape(p.value))
		b.WriteByte('"')
	}
	if len(pairs) > 0 {
		b.WriteByte('}')
	}
	b.WriteByte(' ')
	b.WriteString(value)
	b.WriteByte(' ')
	return b.Bytes()
}

// escape writes text as the format wants it in labels and help.
func escape(text string) string {
	return strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`).Replace(text)
}

// header gives what stands before the samples of a family. The format leaves the suffix
// of counters out of their names.
func header(m exposition.Metric) string {
	name := strings.TrimSuffix(m.Name, "_total")
	return "# HELP " + name + " " + escape(m.Help) + "\n# TYPE " + name + " " + string(m.Type) + "\n"
}

func float(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// bound writes the bound of a bucket the one way in which Prometheus stores it.
func bound(v float64) string {
	if math.IsInf(v, 1) {
		return "+Inf"
	}
	if s := float(v); strings.ContainsAny(s, ".e") {
		return s
	}
	return float(v) + ".0"
}

// counter is the total of a counter.
type counter struct {
	name  string
	pairs []pair
	n     uint64
}

func newCounter(name string, pairs []pair) total { return &counter{name: name, pairs: pairs} }

func (c *counter) add(eventstore.Happening) { c.n++ }

func (c *counter) lines() [][]byte {
	return [][]byte{sample(c.name, c.pairs, strconv.FormatUint(c.n, 10))}
}

// durations is the total of a histogram, in classic buckets: the text format has no others.
type durations struct {
	name  string
	pairs []pair
	*histogram.Histogram
}

func newHistogram(name string, pairs []pair, bounds []float64) total {
	return &durations{name, pairs, histogram.New(bounds, false)}
}

func (d *durations) add(h eventstore.Happening) { d.Observe(h.Duration, histogram.Exemplar{}) }

func (d *durations) lines() [][]byte {
	data := d.Data()
	lines := make([][]byte, 0, len(data.Bounds)+3)
	bucket := func(le float64, n uint64) {
		pairs := append(slices.Clone(d.pairs), pair{"le", bound(le)})
		lines = append(lines, sample(d.name+"_bucket", pairs, strconv.FormatUint(n, 10)))
	}
	for i, le := range data.Bounds {
		bucket(le, data.Cumulative[i])
	}
	bucket(math.Inf(1), data.Count)
	return append(lines,
		sample(d.name+"_count", d.pairs, strconv.FormatUint(data.Count, 10)),
		sample(d.name+"_sum", d.pairs, float(data.Sum.Seconds())))
}
