package exposition

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	dto "github.com/prometheus/client_model/go"

	"socialboards_exporter/internal/splice"
	"socialboards_exporter/internal/tally"
)

// edition is what a snapshot shows, in one format and one encoding. It is kept between
// scrapes, and of the next snapshot only what changed is rendered and compressed anew.
type edition struct {
	format   format
	encoding splice.Encoding
	used     time.Time

	snapshot *tally.Snapshot // nil: nothing was rendered yet
	state    []*dto.MetricFamily
	families []kept // sorted by name; never changed, since answers that are being read share it
	sheets   []keptSheet
	buffer   bytes.Buffer
}

// kept is a family as it is sent.
type kept struct {
	name  string
	piece splice.Piece
}

// keptSheet is a sheet as it was rendered.
type keptSheet struct {
	runs   []run
	pieces [][]splice.Piece // of each run, by family
}

// render brings the edition up to a snapshot. After an error it stands where it stood.
func (e *edition) render(s *tally.Snapshot, c content) error {
	var families []kept
	for _, f := range c.totals {
		k, err := e.whole(f)
		if err != nil {
			return err
		}
		families = append(families, k...)
	}
	sheets := make([]keptSheet, len(c.sheets))
	for i, sh := range c.sheets {
		var before keptSheet
		if len(e.sheets) > 0 {
			before = e.sheets[i]
		}
		k, err := e.sheet(&sheets[i], sh, before)
		if err != nil {
			return err
		}
		families = append(families, k...)
	}
	slices.SortFunc(families, func(a, b kept) int { return cmp.Compare(a.name, b.name) })
	e.snapshot, e.state, e.families, e.sheets = s, finish(c.state), families, sheets
	return nil
}

// whole renders a short family.
func (e *edition) whole(f *family) ([]kept, error) {
	piece, err := e.series(f)
	if err != nil {
		return nil, err
	}
	k, _, err := e.join(f, []splice.Piece{piece})
	return k, err
}

// sheet renders a sheet, or takes what it can from the one before.
func (e *edition) sheet(to *keptSheet, sh sheet, before keptSheet) ([]kept, error) {
	to.runs, to.pieces = sh.runs, make([][]splice.Piece, len(sh.metrics))
	families := newFamilies(sh.metrics)
	old := 0
	for _, r := range sh.runs {
		for old < len(before.runs) && before.runs[old].key() < r.key() {
			old++
		}
		if old < len(before.runs) && r.same(before.runs[old]) {
			for i := range families {
				to.pieces[i] = append(to.pieces[i], before.pieces[i][old])
			}
			continue
		}
		if err := e.run(to, r, families); err != nil {
			return nil, err
		}
	}
	var all []kept
	for i, f := range families {
		k, parts, err := e.join(f, to.pieces[i])
		if err != nil {
			return nil, err
		}
		to.pieces[i] = parts
		all = append(all, k...)
	}
	return all, nil
}

// run renders the series of one run, for which it has families that are used again.
func (e *edition) run(to *keptSheet, r run, families []*family) error {
	for _, f := range families {
		f.reset()
	}
	r.add(families)
	for i, f := range families {
		piece, err := e.series(f)
		if err != nil {
			return err
		}
		to.pieces[i] = append(to.pieces[i], piece)
	}
	return nil
}

// series renders the series of f and nothing else.
func (e *edition) series(f *family) (splice.Piece, error) {
	e.buffer.Reset()
	if len(f.dto.Metric) == 0 {
		return splice.Piece{}, nil
	}
	if err := e.format.series(&e.buffer, f.dto); err != nil {
		return splice.Piece{}, err
	}
	return e.encoding.Piece(e.buffer.Bytes()), nil
}

// join makes a family of its series. A family without any is left out.
func (e *edition) join(f *family, series []splice.Piece) ([]kept, []splice.Piece, error) {
	var size int64
	for _, p := range series {
		size += p.Text()
	}
	if size == 0 {
		return nil, series, nil
	}
	head, err := e.format.head(f.dto, size)
	if err != nil {
		return nil, nil, err
	}
	whole, parts := splice.Join(slices.Insert(series, 0, e.encoding.Piece(head)))
	return []kept{{f.metric.Name, whole}}, parts[1:], nil
}
