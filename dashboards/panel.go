package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/heatmap"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// Units, as Grafana calls them.
const (
	count   = "short"
	seconds = "s"
	share   = "percentunit"
	hourly  = "short" // events an hour; the title says so
	bytes   = "bytes"
)

// A frame is what every panel has.
type frame struct {
	title string
	help  string // what it shows, and what to do about it
	unit  string
	empty string // is shown when there is no data
	w, h  uint32
}

// step is where a colour begins. Colours are those that themes adapt to light and dark.
type step struct {
	from  float64
	color string
}

func thresholds(base string, steps []step) *dashboard.ThresholdsConfigBuilder {
	all := []dashboard.Threshold{{Color: base}}
	for _, s := range steps {
		all = append(all, dashboard.Threshold{Value: cog.ToPtr(s.from), Color: s.color})
	}
	return dashboard.NewThresholdsConfigBuilder().Mode(dashboard.ThresholdsModeAbsolute).Steps(all)
}

// figure is a panel of one or a few present values, which are coloured from base on.
func figure(f frame, base string, steps []step, queries ...*prometheus.DataqueryBuilder) *stat.PanelBuilder {
	p := stat.NewPanelBuilder().Title(f.title).Description(f.help).Datasource(source()).
		Unit(f.unit).NoValue(f.empty).Span(f.w).Height(f.h).
		Thresholds(thresholds(base, steps)).
		ColorScheme(dashboard.NewFieldColorBuilder().Mode(dashboard.FieldColorModeIdThresholds)).
		ColorMode(common.BigValueColorModeValue).
		GraphMode(common.BigValueGraphModeNone).
		Orientation(common.VizOrientationAuto). // left empty, Grafana draws all but the first value out of sight
		TextMode(common.BigValueTextModeAuto).
		ReduceOptions(common.NewReduceDataOptionsBuilder().Calcs([]string{"lastNotNull"}))
	for i, q := range queries {
		p.WithTarget(q.RefId(ref(i)))
	}
	return p
}

// chart is a panel of lines over time.
func chart(f frame, queries ...*prometheus.DataqueryBuilder) *timeseries.PanelBuilder {
	p := timeseries.NewPanelBuilder().Title(f.title).Description(f.help).Datasource(source()).
		Unit(f.unit).NoValue(f.empty).Span(f.w).Height(f.h).
		LineWidth(1).FillOpacity(10).ShowPoints(common.VisibilityModeNever).
		ColorScheme(dashboard.NewFieldColorBuilder().Mode(dashboard.FieldColorModeIdPaletteClassicByName)).
		AxisSoftMin(0).
		Legend(common.NewVizLegendOptionsBuilder().DisplayMode(common.LegendDisplayModeList).
			Placement(common.LegendPlacementBottom).ShowLegend(true)).
		Tooltip(common.NewVizTooltipOptionsBuilder().Mode(common.TooltipDisplayModeMulti).Sort(common.SortOrderDescending))
	for i, q := range queries {
		p.WithTarget(q.RefId(ref(i)))
	}
	return p
}

// stacked is a chart of what adds up.
func stacked(f frame, queries ...*prometheus.DataqueryBuilder) *timeseries.PanelBuilder {
	return chart(f, queries...).FillOpacity(40).
		Stacking(common.NewStackingConfigBuilder().Mode(common.StackingModeNormal))
}

// lines draws the thresholds into a chart.
func lines(p *timeseries.PanelBuilder, steps ...step) *timeseries.PanelBuilder {
	return p.Thresholds(thresholds("transparent", steps)).
		ThresholdsStyle(common.NewGraphThresholdsStyleConfigBuilder().Mode(common.GraphThresholdsStyleModeDashed))
}

// spread is a heatmap of a histogram.
func spread(f frame, queries ...*prometheus.DataqueryBuilder) *heatmap.PanelBuilder {
	p := heatmap.NewPanelBuilder().Title(f.title).Description(f.help).Datasource(source()).
		NoValue(f.empty).Span(f.w).Height(f.h).
		Calculate(false).
		YAxis(heatmap.NewYAxisConfigBuilder().Unit(f.unit)).
		CellValues(heatmap.NewCellValuesBuilder().Unit(count)).
		Color(heatmap.NewHeatmapColorOptionsBuilder().Mode(heatmap.HeatmapColorModeScheme).Scheme("Oranges").Fill("dark-orange").Steps(32).Exponent(0.5)).
		Tooltip(heatmap.NewHeatmapTooltipBuilder().Mode(common.TooltipDisplayModeSingle).YHistogram(true))
	for i, q := range queries {
		p.WithTarget(q.RefId(ref(i)))
	}
	return p
}

// column says how a table shows a field.
type column struct {
	field, title, unit string
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
		// An override without properties is rendered as null, which Grafana cannot read.
		if properties := c.properties(); properties != nil {
			p.OverrideByName(c.title, properties)
		}
	}
	return p
}

// properties are those of the column once the fields have their titles.
func (c column) properties() []dashboard.DynamicConfigValue {
	var out []dashboard.DynamicConfigValue
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

// ref names the i-th query of a panel.
func ref(i int) string { return "ABCDEFGH"[i : i+1] }
