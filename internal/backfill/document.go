package backfill

import (
	"bufio"
	"context"
	"io"
	"strconv"

	"socialboards_exporter/internal/eventstore"
)

// document is one text in the format: all samples of a span of time.
type document struct {
	*job
	ctx      context.Context
	w        *bufio.Writer
	from, to int64 // steps
	time     []byte
	err      error // of writing
}

// write writes the samples of the steps from one up to another. What had happened before
// is added up.
func (j *job) write(ctx context.Context, w io.Writer, from, to int64) error {
	d := document{job: j, ctx: ctx, w: bufio.NewWriterSize(w, 1<<16), from: from, to: to}
	for _, f := range j.families {
		if err := d.family(f); err != nil {
			return err
		}
	}
	j.at = to - 1
	if _, err := d.w.WriteString("# EOF\n"); err != nil {
		return err
	}
	return d.w.Flush()
}

// family writes a metric, series by series, each in the order of time, as the format wants.
func (d *document) family(f *family) error {
	if _, err := d.w.WriteString(header(f.metric)); err != nil {
		return err
	}
	for _, src := range f.sources {
		if err := d.source(src); err != nil {
			return err
		}
	}
	for _, g := range f.gauges {
		from, to := g.span()
		for n := max(from, d.from); n < min(to, d.to); n++ {
			d.line(g.line(d.instant(n)), n)
		}
		if err := d.next(); err != nil {
			return err
		}
	}
	return nil
}

// source writes first the series that move in the span of the document, as they come, and
// then those that stand.
func (d *document) source(src *source) error {
	written := map[*series]bool{}
	var s *series
	var at int64
	end := func() error {
		if s == nil {
			return nil
		}
		d.stand(s, at, d.to)
		return d.next()
	}
	err := d.store.EachHappening(d.ctx, d.within(src, d.to-1), func(h eventstore.Happening) error {
		if of := src.find(h); of != s {
			if err := end(); err != nil {
				return err
			}
			s, at = of, d.from
			written[s] = true
		}
		n := d.first(h.At)
		d.stand(s, at, n)
		at = n
		s.add(h)
		return d.err
	})
	if err != nil {
		return err
	}
	if err := end(); err != nil {
		return err
	}
	for _, s := range src.sorted() {
		if written[s] {
			continue
		}
		d.stand(s, d.from, d.to)
		if err := d.next(); err != nil {
			return err
		}
	}
	return nil
}

// stand writes the samples of a series that does not change for some steps.
func (d *document) stand(s *series, from, to int64) {
	if !s.shown {
		return
	}
	from, to = max(from, s.from), min(to, s.to)
	for n := from; n < to; n++ {
		for _, line := range s.lines() {
			d.line(line, n)
		}
	}
}

func (d *document) line(line []byte, n int64) {
	if d.err != nil {
		return
	}
	d.time = append(strconv.AppendInt(d.time[:0], d.seconds(n), 10), '\n')
	if _, d.err = d.w.Write(line); d.err == nil {
		_, d.err = d.w.Write(d.time)
	}
	d.summary.Samples++
}

// next comes between two series: it says whether it is of use to go on, and how far it is.
func (d *document) next() error {
	if d.Progress != nil {
		d.Progress(d.progress(d.from))
	}
	if d.err == nil {
		d.err = d.ctx.Err()
	}
	return d.err
}
