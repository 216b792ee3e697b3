package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
)

// figures are what was measured of one size of inbox.
type figures struct {
	tickets                  float64 // followed at the end of the day
	plain, needed, used      float64 // requests a second
	reply, replyHooked, late float64 // seconds: 99 % of replies known, the same with webhooks, most overdue
	memory                   float64 // MB of heap that the schedule takes
	cpu                      float64 // % of a core, of schedule and simulation together
}

func columns() []string {
	return []string{"tickets", "plain_per_s", "needed_per_s", "used_per_s", "reply_p99_s", "reply_p99_webhooks_s", "late_s", "schedule_mb", "cpu_percent"}
}

func (f figures) row() []string {
	var row []string
	for _, v := range []float64{f.tickets, f.plain, f.needed, f.used, f.reply, f.replyHooked, f.late, f.memory, f.cpu} {
		row = append(row, strconv.FormatFloat(v, 'g', 6, 64))
	}
	return row
}

func write(w io.Writer, all []figures) error {
	out := csv.NewWriter(w)
	rows := [][]string{columns()}
	for _, f := range all {
		rows = append(rows, f.row())
	}
	return out.WriteAll(rows)
}

func read(r io.Reader) ([]figures, error) {
	rows, err := csv.NewReader(r).ReadAll()
	if err != nil {
		return nil, err
	}
	var all []figures
	for _, row := range rows[min(1, len(rows)):] {
		v := make([]float64, len(columns()))
		for i := range v {
			if v[i], err = strconv.ParseFloat(row[i], 64); err != nil {
				return nil, fmt.Errorf("%s: %w", columns()[i], err)
			}
		}
		all = append(all, figures{v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8]})
	}
	return all, nil
}

const blue, red, green, grey = "#1f60c4", "#c4162a", "#37872d", "#777777"

// charts gives the pictures by file name.
func charts(all []figures) map[string]chart {
	line := func(name, color string, y func(figures) float64) curve {
		c := curve{name: name, color: color}
		for _, f := range all {
			c.points = append(c.points, point{f.tickets, y(f)})
		}
		return c
	}
	return map[string]chart{
		"scale-requests.svg": {"Requests, a working day with 5 % of tickets live", "requests a second", -1, 5, []curve{
			line("a log every 30 s", red, func(f figures) float64 { return f.plain }),
			line("needed", grey, func(f figures) float64 { return f.needed }),
			line("used", blue, func(f figures) float64 { return f.used }),
		}},
		"scale-lag.svg": {"How late it is known", "seconds", -2, 6, []curve{
			line("replies, 99 %", blue, func(f figures) float64 { return f.reply }),
			line("with webhooks, 99 %", green, func(f figures) float64 { return f.replyHooked }),
			line("most overdue read", red, func(f figures) float64 { return f.late }),
		}},
		"scale-memory.svg": {"Memory of the schedule", "MB", -1, 3, []curve{
			line("heap", blue, func(f figures) float64 { return f.memory }),
		}},
		"scale-cpu.svg": {"CPU of schedule and simulation together", "% of a core", -3, 1, []curve{
			line("in a day", blue, func(f figures) float64 { return f.cpu }),
		}},
	}
}
