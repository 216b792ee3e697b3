package backfill

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"socialboards_exporter/internal/fact"
)

// Write writes everything as one document. Its memory does not grow with the number of
// happenings, and the document can be of any size.
func Write(ctx context.Context, store Store, s Settings, w io.Writer) (Summary, error) {
	j, err := plan(ctx, store, s)
	if err != nil {
		return Summary{}, err
	}
	if err := j.advance(ctx, j.from-1); err != nil {
		return Summary{}, err
	}
	err = j.write(ctx, w, j.from, j.to)
	return j.summary, err
}

// WriteFiles writes a document for each UTC day into a directory, which is made if it is
// missing. A file comes into its place when it is whole and durable, and one that is there
// is not written again: a writing that was cut short goes on where it was.
func WriteFiles(ctx context.Context, store Store, s Settings, dir string) (Summary, error) {
	j, err := plan(ctx, store, s)
	if err != nil {
		return Summary{}, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Summary{}, err
	}
	days := j.days()
	j.of = len(days)
	for _, d := range days {
		if err := j.day(ctx, d, dir); err != nil {
			return j.summary, fmt.Errorf("%s: %w", j.instant(d.from).Time().Format(time.DateOnly), err)
		}
	}
	return j.summary, nil
}

// span is the steps of one document.
type span struct{ from, to int64 }

// days divides the range at midnight.
func (j *job) days() []span {
	var days []span
	for from := j.from; from < j.to; {
		midnight := j.instant(from).Time().Truncate(day).Add(day)
		to := min(j.to, j.first(fact.At(midnight)))
		days = append(days, span{from, to})
		from = to
	}
	return days
}

// name tells all that decides which samples are in a file, so that another range or step
// is never taken for it.
func (j *job) name(d span) string {
	const form = "20060102T150405Z"
	return fmt.Sprintf("%s_%s_%ds.om", j.instant(d.from).Time().Format(form), j.instant(d.to).Time().Format(form),
		int64(j.Step/time.Second))
}

func (j *job) day(ctx context.Context, d span, dir string) error {
	path := filepath.Join(dir, j.name(d))
	if _, err := os.Stat(path); err == nil {
		j.summary.Skipped++
		return nil
	}
	if err := j.advance(ctx, d.from-1); err != nil {
		return err
	}
	err := replace(path, func(w io.Writer) error { return j.write(ctx, w, d.from, d.to) })
	if err == nil {
		j.summary.Written++
	}
	return err
}

// replace puts a file in its place once it is whole.
func replace(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	if err = write(f); err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return os.Rename(f.Name(), path)
}

// progress is how far the writing is that has come to a step.
func (j *job) progress(at int64) Progress {
	return Progress{Day: j.instant(at).Time(), Days: j.summary.Written + j.summary.Skipped, Of: max(1, j.of), Samples: j.summary.Samples}
}
