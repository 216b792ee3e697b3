package dashboards

import (
	"cmp"

	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/table"
)

// column says how a table shows a field.
type column struct {
	field, title, unit string
	width              int    // in pixels; 0: what the others leave. An id takes 300
	empty              string // stands in cells without a value
	link               string // where its values lead; empty: nowhere
	steps              []step // colours its cells
	base               string
	hidden             bool // only links use it
}

// listing is a table. It shows the fields that columns name, in their order.
func listing(f frame, columns []column, queries ...*prometheus.DataqueryBuilder) *table.PanelBuilder {
	p := table.NewPanelBuilder().Title(f.title).Description(f.help).Datasource(source()).
		NoValue(f.empty).Span(f.w).Height(f.h).ShowHeader(true).Filterable(true).
		CellHeight(common.TableCellHeightSm).
		Footer(common.NewTableFooterOptionsBuilder().Show(false).Reducer([]string{}))
	for _, q := range queries {
		p.WithTarget(q)
	}
	if len(queries) > 1 {
		p.WithTransformation(joined(columns[0].field))
	}
	p.WithTransformation(arrange(columns))
	for _, c := range columns {
		p.OverrideByName(c.title, c.properties())
	}
	return p
}

// properties are those of the column once the fields have their titles. What stands in empty
// cells is among them always: it would be the text for an empty table.
func (c column) properties() []dashboard.DynamicConfigValue {
	out := []dashboard.DynamicConfigValue{{Id: "noValue", Value: cmp.Or(c.empty, "–")}}
	if c.width > 0 {
		out = append(out, dashboard.DynamicConfigValue{Id: "custom.width", Value: c.width})
	}
	if c.unit != "" {
		out = append(out, dashboard.DynamicConfigValue{Id: "unit", Value: c.unit})
	}
	if c.hidden {
		out = append(out,
			dashboard.DynamicConfigValue{Id: "custom.hidden", Value: true}, // up to Grafana 12.1
			dashboard.DynamicConfigValue{Id: "custom.hideFrom", Value: map[string]bool{"viz": true, "legend": false, "tooltip": false}})
	}
	if c.link != "" {
		out = append(out, dashboard.DynamicConfigValue{Id: "links", Value: []map[string]any{
			{"title": "Open", "url": c.link, "targetBlank": true}}})
	}
	if c.steps != nil {
		steps := []map[string]any{{"color": c.base, "value": nil}}
		for _, s := range c.steps {
			steps = append(steps, map[string]any{"color": s.color, "value": s.from})
		}
		out = append(out,
			dashboard.DynamicConfigValue{Id: "thresholds", Value: map[string]any{"mode": "absolute", "steps": steps}},
			dashboard.DynamicConfigValue{Id: "custom.cellOptions", Value: map[string]any{"type": "color-text"}})
	}
	return out
}

// arrange keeps the columns' fields, in their order and under their titles.
func arrange(columns []column) dashboard.DataTransformerConfig {
	order, names := map[string]int{}, map[string]string{}
	fields := make([]string, 0, len(columns))
	for i, c := range columns {
		order[c.field], names[c.field] = i, c.title
		fields = append(fields, c.field)
	}
	return dashboard.DataTransformerConfig{Id: "organize", Options: map[string]any{
		"includeByName": include(fields), "indexByName": order, "renameByName": names,
	}}
}

func include(fields []string) map[string]bool {
	out := make(map[string]bool, len(fields))
	for _, f := range fields {
		out[f] = true
	}
	return out
}

// joined puts the rows of several queries together by a label.
func joined(label string) dashboard.DataTransformerConfig {
	return dashboard.DataTransformerConfig{Id: "joinByField", Options: map[string]any{"byField": label, "mode": "outer"}}
}
