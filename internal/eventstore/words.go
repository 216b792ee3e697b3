package eventstore

import (
	"context"
	"fmt"
)

// words is the strings table in memory. The texts in it are action types, ids of team
// users, labels, statuses: few beside the rows that name them.
type words struct {
	ids   map[string]int64
	texts map[int64]string
	next  int64
	fresh []string // added by the transaction in hand
	lists lists
}

func (d *database) loadWords(ctx context.Context) (*words, error) {
	w := &words{ids: map[string]int64{}, texts: map[int64]string{}, lists: lists{}}
	err := d.query(ctx, "SELECT id, text FROM strings", func(rows *row) error {
		var id int64
		var text string
		if err := rows.Scan(&id, &text); err != nil {
			return err
		}
		w.ids[text], w.texts[id] = id, text
		w.next = max(w.next, id+1)
		return nil
	})
	return w, err
}

// id gives the number of text and adds it to the table if it is new.
func (w *words) id(ctx context.Context, d *database, text string) (int64, error) {
	if id, ok := w.ids[text]; ok {
		return id, nil
	}
	id := w.next
	if _, err := d.exec(ctx, "INSERT INTO strings (id, text) VALUES (?, ?)", id, text); err != nil {
		return 0, err
	}
	w.ids[text], w.texts[id] = id, text
	w.fresh = append(w.fresh, text)
	w.next++
	return id, nil
}

// mark tells how many texts the transaction in hand has added.
func (w *words) mark() int { return len(w.fresh) }

// forget takes back what the transaction in hand has added since the mark.
func (w *words) forget(mark int) {
	for _, text := range w.fresh[mark:] {
		delete(w.texts, w.ids[text])
		delete(w.ids, text)
	}
	w.next -= int64(len(w.fresh) - mark)
	w.fresh = w.fresh[:mark]
}

// keep ends the transaction in hand: what it added stays.
func (w *words) keep() { w.fresh = w.fresh[:0] }

// word scans the number of a text into the text.
type word[T ~string] struct {
	words *words
	to    *T
}

func (s word[T]) Scan(value any) error {
	id, ok := value.(int64)
	if !ok {
		return fmt.Errorf("%w: %T instead of the number of a string", errRow, value)
	}
	text, err := s.words.of(id)
	*s.to = T(text)
	return err
}

// of gives the text that has the number.
func (w *words) of(id int64) (string, error) {
	text, ok := w.texts[id]
	if !ok {
		return "", fmt.Errorf("%w: no string has the number %d", errRow, id)
	}
	return text, nil
}

func (w *words) text(to *string) word[string] { return word[string]{w, to} }
func (w *words) list(to *[]string) listColumn { return listColumn{w.lists, to} }
