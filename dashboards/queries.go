package dashboards

import (
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
)

// A Query is one query of a panel.
type Query struct {
	Board, Panel, Ref string
	Expr              string // with Grafana's variables
	Ranged            bool   // over time, not of the present
}

// Queries gives the queries of all panels.
func (b Board) Queries() []Query {
	var out []Query
	for _, p := range b.panels() {
		for _, t := range p.Targets {
			q, ok := t.(prometheus.Dataquery)
			if !ok || q.RefId == nil {
				continue
			}
			out = append(out, Query{
				Board: b.Name, Panel: *p.Title, Ref: *q.RefId,
				Expr: q.Expr, Ranged: q.Range != nil && *q.Range,
			})
		}
	}
	return out
}

func (b Board) panels() []dashboard.Panel {
	var out []dashboard.Panel
	for _, p := range b.Model.Panels {
		if p.Panel != nil {
			out = append(out, *p.Panel)
		}
	}
	return out
}

// Resolve puts values in place of Grafana's variables, as Grafana would with everything
// chosen. span is the chosen time, rate the time that rates are taken over.
func (q Query) Resolve(span, rate string) string {
	return strings.NewReplacer(
		"$__range", span, "$__rate_interval", rate,
		"$job", ".*", "$instance", ".*", "$objective", ".*",
	).Replace(q.Expr)
}
