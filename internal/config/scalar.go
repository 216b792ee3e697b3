package config

import (
	"math"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/prometheus/common/model"
	"gopkg.in/yaml.v3"
)

// scalar gives a single value as it is written; want names what it should be.
func (d *decoder) scalar(n node, want string) (string, bool) {
	switch {
	case !d.plain(n):
	case n.Kind != yaml.ScalarNode:
		d.fail(n, "must be %s, not %s", want, describe(n))
	case n.null():
		d.fail(n, "has no value; give %s, or leave the key out", want)
	default:
		return n.Value, true
	}
	return "", false
}

// read sets dst to the value of a key, if it is given and right.
func read[T any](o *object, key string, dst *T, value func(node) (T, bool)) bool {
	n, ok := o.get(key)
	if !ok {
		return false
	}
	v, ok := value(n)
	if ok {
		*dst = v
	}
	return ok
}

func (o *object) text(key string, dst *string) bool { return read(o, key, dst, o.d.text) }

func (o *object) duration(key string, dst *time.Duration) bool {
	return read(o, key, dst, o.d.duration)
}

func (o *object) bool(key string, dst *bool) { read(o, key, dst, o.d.bool) }

// count reads a whole number that is at least least.
func (o *object) count(key string, least int, dst *int) {
	read(o, key, dst, func(n node) (int, bool) {
		v, ok := o.d.integer(n, "")
		if ok && (v < int64(least) || v > math.MaxInt32) {
			o.d.fail(n, "%d is out of range; give a whole number from %d up", v, least)
			return 0, false
		}
		return int(v), ok
	})
}

func (d *decoder) text(n node) (string, bool) { return d.scalar(n, "a text") }

// given refuses an empty text.
func (d *decoder) given(n node, value string) bool {
	if strings.TrimSpace(value) != "" {
		return true
	}
	d.fail(n, "is empty; give it a value")
	return false
}

func (d *decoder) nonEmpty(n node) (string, bool) {
	v, ok := d.text(n)
	return v, ok && d.given(n, v)
}

// secretText is text whose value no error may show.
func (d *decoder) secretText(n node) (string, bool) { return d.scalar(n, "a text in quotes") }

func (d *decoder) bool(n node) (bool, bool) {
	v, ok := d.scalar(n, "true or false")
	if ok && n.Tag != "!!bool" {
		d.fail(n, "%s is neither true nor false; write one of these, without quotes", quote(v))
		return false, false
	}
	return strings.EqualFold(v, "true"), ok
}

// integer reads a whole number; or names a word that could stand there, too.
func (d *decoder) integer(n node, or string) (int64, bool) {
	if or != "" {
		or = ", or " + or
	}
	text, ok := d.scalar(n, "a whole number"+or)
	if !ok {
		return 0, false
	}
	v, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n.Tag != "!!int" {
		d.fail(n, "%s is not a whole number; write digits only, without quotes%s", quote(text), or)
		return 0, false
	}
	return v, true
}

// id reads a number by which Socialboards names something.
func (d *decoder) id(n node) (int64, bool) {
	v, ok := d.integer(n, "")
	if ok && v <= 0 {
		d.fail(n, "%d is not an id; ids are greater than zero", v)
		return 0, false
	}
	return v, ok
}

func (d *decoder) number(n node) (float64, bool) {
	text, ok := d.scalar(n, "a number")
	if !ok {
		return 0, false
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) || n.Tag != "!!int" && n.Tag != "!!float" {
		d.fail(n, "%s is not a number; write it like 5 or 0.8, without quotes", quote(text))
		return 0, false
	}
	return v, true
}

const durationHelp = "write it with units, such as 30s, 1h30m, 2d or 1w"

func (d *decoder) duration(n node) (time.Duration, bool) {
	text, ok := d.scalar(n, "a duration")
	if !ok {
		return 0, false
	}
	v, err := model.ParseDuration(text)
	switch {
	case n.Tag == "!!int" && text != "0":
		d.fail(n, "%s has no unit; %s", quote(text), durationHelp)
	case err != nil && !strings.HasPrefix(text, "-"):
		d.fail(n, "%s is not a duration; %s", quote(text), durationHelp)
	case err != nil || v <= 0:
		d.fail(n, "%s is not longer than zero; %s", quote(text), durationHelp)
	default:
		return time.Duration(v), true
	}
	return 0, false
}

// url reads an http or https address. A password in it is refused, since addresses show
// in logs, labels and pages.
func (d *decoder) url(n node) (string, bool) {
	text, ok := d.scalar(n, "an address (https://…)")
	if !ok {
		return "", false
	}
	shown := quote(text)
	if at := strings.IndexAny(text, "?#"); at >= 0 { // a token may follow
		shown = quote(text[:at] + "…")
	}
	if strings.Contains(text, "@") {
		shown = "the value"
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		d.fail(n, "%s is no address; write it like https://api.example.com", shown)
	case u.User != nil:
		d.fail(n, "%s holds a user name or password, which would be shown; remove what stands before the @", shown)
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(text, "#"):
		d.fail(n, "%s has a query (?) or a fragment (#); remove it, paths are appended", shown)
	default:
		return strings.TrimRight(text, "/"), true
	}
	return "", false
}

// status reads the name of a status as the API writes it. More than lower case and no
// space is not asked for: the API's statuses are not known completely.
func (d *decoder) status(n node) (string, bool) {
	text, ok := d.nonEmpty(n)
	if !ok {
		return "", false
	}
	if slug := strings.ToLower(strings.Join(strings.Fields(text), "_")); slug != text || !printable(text) || len(text) > 128 {
		d.fail(n, "%s is not a status; statuses are in lower case and without spaces, such as %s", quote(text), quote(slug))
		return "", false
	}
	return text, true
}

func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

var nameForm = regexp.MustCompile(`^[\pL\pN_][\pL\pN_.-]{0,63}$`)

// name reads what becomes the value of a label.
func (d *decoder) name(n node) (string, bool) {
	text, ok := d.nonEmpty(n)
	if ok && !d.isName(n, text) {
		return "", false
	}
	return text, ok
}

func (d *decoder) isName(n node, text string) bool {
	if nameForm.MatchString(text) {
		return true
	}
	d.fail(n, "%s is not a name; use up to 64 letters, digits, _, - and ., and begin with a letter, digit or _", quote(text))
	return false
}
