package exposition

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"socialboards_exporter/internal/splice"
)

// compose gives the parts of an answer in order: what is kept of the domain's metrics, and
// between it, by name, what is rendered for this scrape.
func (h *metricsHandler) compose(as expfmt.Format, f format, to splice.Encoding) ([][]byte, error) {
	state, families, err := h.domain.edition(f, to)
	if err != nil {
		return nil, err
	}
	fresh, err := h.others.Gather()
	if err != nil {
		h.log.Error("not all metrics could be gathered", "err", err)
	}
	fresh = append(fresh, state...)
	slices.SortFunc(fresh, byName)
	b := body{encoding: to, text: h.texts.Get().(*bytes.Buffer)}
	defer h.texts.Put(b.text)
	b.text.Reset() // what an error may have left
	b.encoder = expfmt.NewEncoder(b.text, as)
	for _, k := range families {
		n := slices.IndexFunc(fresh, func(f *dto.MetricFamily) bool { return f.GetName() > k.name })
		if n < 0 {
			n = len(fresh)
		}
		if err := b.render(fresh[:n]); err != nil {
			return nil, err
		}
		fresh = fresh[n:]
		b.add(k.piece)
	}
	if err := b.render(fresh); err != nil {
		return nil, err
	}
	return b.end()
}

// body is an answer in the making.
type body struct {
	encoding splice.Encoding
	encoder  expfmt.Encoder // to text
	text     *bytes.Buffer  // rendered, and not yet a piece
	pieces   []splice.Piece
}

func (b *body) render(families []*dto.MetricFamily) error {
	for _, f := range families {
		if err := b.encoder.Encode(f); err != nil {
			return err
		}
	}
	return nil
}

func (b *body) add(p splice.Piece) {
	b.flush()
	b.pieces = append(b.pieces, p)
}

func (b *body) flush() {
	if b.text.Len() > 0 {
		b.pieces = append(b.pieces, b.encoding.Piece(b.text.Bytes()))
		b.text.Reset()
	}
}

func (b *body) end() ([][]byte, error) {
	if closer, ok := b.encoder.(expfmt.Closer); ok { // which ends OpenMetrics
		if err := closer.Close(); err != nil {
			return nil, err
		}
	}
	b.flush()
	return b.encoding.Body(b.pieces...), nil
}

// send writes an answer. An error means that nobody reads any more.
func send(w http.ResponseWriter, headers http.Header, parts [][]byte) {
	size := 0
	for _, p := range parts {
		size += len(p)
	}
	for name, values := range headers {
		w.Header()[name] = slices.Clone(values)
	}
	w.Header().Set("Content-Length", strconv.Itoa(size))
	for _, p := range parts {
		if _, err := w.Write(p); err != nil { //nolint:gosec // it is not HTML, and says so
			return
		}
	}
}
