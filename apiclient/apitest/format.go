package apitest

import (
	"strconv"
	"strings"
	"time"
)

// formatTime writes t as the documented samples do: with the offsets +00:00 and +03:00
// and with as many fractional digits as it has, 2, 6 and 7 in the samples; now and then
// with zeros behind them, up to nine digits. The same time is always written alike.
func formatTime(t time.Time) string {
	h := mix(uint64(t.Unix())*10_000_000 + uint64(t.Nanosecond()/100)) //nolint:gosec // bits, not a number
	zone, offset := time.UTC, "+00:00"
	if h>>32%4 == 0 {
		zone, offset = time.FixedZone("", 3*60*60), "+03:00"
	}
	return t.In(zone).Format("2006-01-02T15:04:05") + fraction(t.Nanosecond()/100, h%16) + offset
}

// fraction writes ticks of 100 ns behind a point, without superfluous zeros but for a few
// of the sixteen manners.
func fraction(ticks int, manner uint64) string {
	full := strconv.Itoa(10_000_000 + ticks)[1:]
	short := strings.TrimRight(full, "0")
	digits := len(short)
	switch manner {
	case 0:
		digits = 9
	case 1:
		digits = 8
	case 2:
		digits = 7
	case 3:
		digits = max(digits, 2)
	}
	if digits == 0 {
		return ""
	}
	return "." + (full + "00")[:digits]
}

// mix turns a number into one that looks like chance (the finalizer of SplitMix64).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
