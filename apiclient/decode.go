package apiclient

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"
)

// mostItems bounds the items of one answer and the entries of one log. A body within the
// size limit could hold millions of empty ones, each costing far more memory than bytes.
const mostItems = 200_000

var (
	errNotJSON   = errors.New("the answer is not JSON")
	errHTML      = errors.New("the answer is HTML")
	errEmptyBody = errors.New("the answer is empty")
	errNoList    = errors.New("the answer holds no list of data")
	errCode      = errors.New("the answer tells an error")
	errManyItems = errors.New("the answer holds more than " + strconv.Itoa(mostItems) + " items")
)

// envelope is what the API puts around every answer. noError in errorCode, or none at
// all, means that all is well.
type envelope struct {
	data, errorCode []byte // as they stand; empty: not there
}

const noError = -1

// open reads the envelope; false: body is none.
func open(body []byte) (e envelope, ok bool) {
	body = trimBOM(body)
	if !json.Valid(body) {
		return envelope{}, false
	}
	if body = bytes.TrimSpace(body); body[0] == '{' {
		eachField(body, func(key, value []byte) {
			switch {
			case is(key, "data"):
				e.data = value
			case is(key, "errorCode"):
				e.errorCode = value
			}
		})
	}
	return e, body[0] == '{' || isNull(body)
}

// eachItem hands the items of an answer's data to take, one by one and as they stand, so
// that one that cannot be read costs no other. data null is a list without items. The
// items are valid JSON and are only lent.
func eachItem(body []byte, take func(raw json.RawMessage)) *Error {
	e, ok := open(body)
	if !ok {
		return badAnswer(whatInstead(trimBOM(body)))
	}
	if code, ok := parseInt(e.errorCode); len(e.errorCode) > 0 && !isNull(e.errorCode) && (!ok || code != noError) {
		return &Error{Kind: BadAnswer, Status: http.StatusOK, Code: int(code), Err: errCode}
	}
	if isNull(e.data) {
		return nil
	}
	if len(e.data) == 0 || e.data[0] != '[' {
		return badAnswer(errNoList)
	}
	items := 0
	eachElement(e.data, func(value []byte) bool {
		if items++; items > mostItems {
			return false
		}
		take(value)
		return true
	})
	if items > mostItems {
		return &Error{Kind: TooLarge, Status: http.StatusOK, Err: errManyItems}
	}
	return nil
}

// errorCode gives what an answer with an error status says besides; 0 when it says nothing.
func errorCode(body []byte) int {
	e, _ := open(body)
	if code, ok := parseInt(e.errorCode); ok && code != noError {
		return int(code)
	}
	return 0
}

func badAnswer(err error) *Error {
	return &Error{Kind: BadAnswer, Status: http.StatusOK, Err: err}
}

// whatInstead says of what sort a body is that should have been an envelope. It never
// quotes it: bodies hold what customers wrote.
func whatInstead(body []byte) error {
	switch body = bytes.TrimSpace(body); {
	case len(body) == 0:
		return errEmptyBody
	case body[0] == '<':
		return errHTML
	}
	return errNotJSON
}

func trimBOM(body []byte) []byte { return bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")) }

func isNull(raw json.RawMessage) bool { return string(raw) == "null" }

// parseInt reads a whole number that was sent as one, or as a string of one.
func parseInt(raw json.RawMessage) (int64, bool) {
	text := strings.TrimSpace(strings.Trim(string(raw), `"`))
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(text, 64) // 5.0, 1e3
	if err != nil || f != math.Trunc(f) || math.Abs(f) > 1<<53 {
		return 0, false
	}
	return int64(f), true
}

// number is a whole number that may come as a string; null is 0.
type number int64

// UnmarshalJSON reads what the type allows.
func (n *number) UnmarshalJSON(raw []byte) error {
	if isNull(raw) {
		return nil
	}
	v, ok := parseInt(raw)
	if !ok {
		return errors.New("not a whole number")
	}
	*n = number(v)
	return nil
}

// text is a string that may come as a number; null is "".
type text string

// UnmarshalJSON reads what the type allows.
func (t *text) UnmarshalJSON(raw []byte) error {
	if isNull(raw) {
		return nil
	}
	if raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9' {
		*t = text(raw)
		return nil
	}
	if raw[0] == '"' {
		if inner := raw[1 : len(raw)-1]; bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
			*t = text(inner) // nothing to be replaced
			return nil
		}
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return err
	}
	*t = text(s)
	return nil
}
