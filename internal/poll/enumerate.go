package poll

import (
	"context"
	"errors"
	"time"

	"socialboards_exporter/apiclient"
)

// ErrUnstable says that the pages of a selection never fitted together.
var ErrUnstable = errors.New("the list keeps changing while it is read")

// Enumerate reads a selection once, to its end, in the way in which it is read for good, and
// hands each page on. A ticket may be on several pages. The number of pages that were asked
// for is given also with an error, which is the Source's or ErrUnstable.
func Enumerate(ctx context.Context, s Source, sel Selection, now time.Time, take func([]apiclient.Ticket)) (pages int, err error) {
	v := newSurvey(sel, true, now)
	for {
		page, err := s.List(ctx, v.ask())
		if err != nil {
			return v.pages, err
		}
		take(matching(v.query, page))
		switch v.answer(page, len(page)) {
		case ended:
			return v.pages, nil
		case unstable:
			return v.pages, ErrUnstable
		case goOn:
		}
	}
}
