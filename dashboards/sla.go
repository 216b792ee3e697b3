package dashboards

import "github.com/grafana/grafana-foundation-sdk/go/dashboard"

// chosen matches the objectives that the board's variable names.
const chosen = `objective=~"$objective"`

// sla shows each objective by itself: is it met, how fast is it missed, by how much, by
// which tickets.
func sla() *dashboard.DashboardBuilder {
	b := newBoard(slaUID, "SLA", "Each objective: attainment over the chosen time, burn of its error budget, how long its clocks took, and the tickets at risk.", "now-7d")
	b.WithVariable(labelVariable("objective", "Objective", `socialboards_sla_target_seconds{job=~"$job", instance=~"$instance"}`, "Objectives of the configuration."))
	b.WithPanel(atRiskTable(frame{title: "At risk and breached, soonest due first",
		help:  "Clocks that have used up their warning share. The link opens the ticket in the inbox. Negative: the target is exceeded, for certain if the data is not late.",
		empty: nothingAtRisk, w: 18, h: 10}, chosen))
	b.WithPanel(painted(stacked(frame{title: "Active clocks by state", help: "Clocks of live tickets. Paused ones are in a status that stops their clock, such as pending; those past their target are breached in any status.",
		unit: count, empty: noClock, w: 6, h: 10},
		ranged("sum by (state) ("+of("socialboards_sla_active_clocks", chosen)+")", "{{state}}")),
		paint{"breached", "red"}, paint{"warning", "orange"}, paint{"paused", "blue"}, paint{"running", "green"}))
	b.WithRow(dashboard.NewRowBuilder("$objective").Repeat("objective"))
	attainment(b)
	b.WithPanel(painted(lines(chart(frame{title: "Burn rate of the error budget",
		help: "1 uses up the budget of 30 days in 30 days. Above the upper lines an alert fires: 6 over hours, 14.4 within one. All windows high: it goes on; only the long one: it is over.",
		unit: count, empty: noRules, w: 8, h: 8},
		ranged(burn("1h", chosen), "1 hour"), ranged(burn("6h", chosen), "6 hours"), ranged(burn("3d", chosen), "3 days")),
		step{1, "yellow"}, step{6, "orange"}, step{14.4, "red"}),
		paint{"1 hour", "purple"}, paint{"6 hours", "blue"}, paint{"3 days", "text"}))
	durations(b)
	return b
}

func attainment(b *dashboard.DashboardBuilder) {
	breaches := "increase(" + of("socialboards_sla_breaches_total", chosen) + "[$__range])"
	clocks := "increase(" + of("socialboards_sla_clocks_total", chosen) + "[$__range])"
	b.WithPanel(figure(frame{title: "Met", help: "Share of the clocks that came to an outcome in the chosen time and were met. Breaches count as soon as they are certain, not when somebody answers.",
		unit: share, empty: noOutcome, w: 4, h: 8}, "red", []step{{0.9, "orange"}, {0.95, "green"}},
		instant(attained(breaches, clocks), "")).Decimals(2))
	b.WithPanel(figure(frame{title: "Outcomes and breaches", help: "Clocks that came to an outcome in the chosen time, and how many of them were breached.",
		unit: count, empty: noOutcome, w: 4, h: 8}, "text", nil,
		instant("sum("+clocks+")", "outcomes"), instant("sum("+breaches+")", "breached"),
		instant("sum("+of("socialboards_sla_active_clocks", chosen, `state!="breached"`)+")", "undecided")).Decimals(0))
}

func durations(b *dashboard.DashboardBuilder) {
	bucket := of("socialboards_sla_duration_seconds_bucket", chosen)
	quantile := func(q string) string {
		return "histogram_quantile(" + q + ", sum by (le) (rate(" + bucket + "[$__rate_interval])))"
	}
	b.WithPanel(painted(rare(chart(frame{title: "Counted time of stopped clocks, with the target",
		help: "Half and nine tenths of the clocks took no longer than this. The dashed line is the target: where the upper line crosses it, more than one in ten is late.",
		unit: seconds, empty: noOutcome, w: 8, h: 8},
		ranged(quantile("0.5"), "half").Exemplar(true), ranged(quantile("0.9"), "nine tenths").Exemplar(true),
		ranged("max("+of("socialboards_sla_target_seconds", chosen)+")", "target"))).
		OverrideByName("target", []dashboard.DynamicConfigValue{
			{Id: "custom.lineStyle", Value: map[string]any{"fill": "dash", "dash": []int{10, 10}}},
			{Id: "custom.fillOpacity", Value: 0},
		}), paint{"half", "blue"}, paint{"nine tenths", "purple"}, paint{"target", "red"}))
	b.WithPanel(spread(frame{title: "Distribution of counted time",
		help: "Clocks that stopped, by counted time. Rows end at an eighth, a quarter, a half, three quarters, once, one and a half, two, four and eight times the target: the fifth row from below ends at the target.",
		unit: seconds, empty: noOutcome, w: 24, h: 8},
		buckets("sum by (le) (increase("+bucket+"[$__rate_interval]))")))
}
