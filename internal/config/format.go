package config

import (
	"fmt"
	"time"

	"github.com/prometheus/common/model"
)

// format gives a duration as short as Prometheus writes it.
func format(d time.Duration) string { return model.Duration(d).String() }

// hms gives a duration in hours, minutes and seconds, as targets with a calendar are
// written.
func hms(d time.Duration) string {
	var s string
	for _, unit := range []struct {
		length time.Duration
		name   string
	}{{time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}, {time.Millisecond, "ms"}} {
		if n := d / unit.length; n > 0 {
			s += fmt.Sprintf("%d%s", n, unit.name)
		}
		d %= unit.length
	}
	return s
}
