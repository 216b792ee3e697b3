package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/heatmap"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// Units, as Grafana calls them.
const (
	count   = "short"
	seconds = "s"
	share   = "percentunit"
	hourly  = "short" // events an hour; the title says so
	bytes   = "bytes"

	perSecond = "reqps"
)

// coarse is how many steps panels of rare events have at most: so few that there is
// something to see in most of them, whatever time is chosen.
const coarse = 100

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
		Mappings([]dashboard.ValueMapping{unknown()}).
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

// unknown takes the colour from a panel without data, which would have that of the lowest
// values: what is not known is neither good nor bad.
func unknown() dashboard.ValueMapping {
	return dashboard.ValueMapping{SpecialValueMap: &dashboard.SpecialValueMap{
		Type: dashboard.MappingTypeSpecialValue,
		Options: dashboard.DashboardSpecialValueMapOptions{
			Match: dashboard.SpecialValueMatchNull, Result: dashboard.ValueMappingResult{Color: cog.ToPtr("text")},
		},
	}}
}

// yesNo shows 1 as yes and 0 as no.
func yesNo(p *stat.PanelBuilder) *stat.PanelBuilder {
	yes, no := dashboard.ValueMappingResult{Text: cog.ToPtr("yes")}, dashboard.ValueMappingResult{Text: cog.ToPtr("no")}
	return p.Mappings([]dashboard.ValueMapping{unknown(), {ValueMap: &dashboard.ValueMap{
		Type: dashboard.MappingTypeValueToText, Options: map[string]dashboard.ValueMappingResult{"1": yes, "0": no},
	}}})
}

// chart is a panel of lines over time.
func chart(f frame, queries ...*prometheus.DataqueryBuilder) *timeseries.PanelBuilder {
	p := timeseries.NewPanelBuilder().Title(f.title).Description(f.help).Datasource(source()).
		Unit(f.unit).NoValue(f.empty).Span(f.w).Height(f.h).
		LineWidth(1).FillOpacity(10).ShowPoints(common.VisibilityModeNever).
		// Colours by name look alike for too many names.
		ColorScheme(dashboard.NewFieldColorBuilder().Mode(dashboard.FieldColorModeIdPaletteClassic)).
		AxisSoftMin(0).AxisSoftMax(softMax(f.unit)).
		Legend(common.NewVizLegendOptionsBuilder().DisplayMode(common.LegendDisplayModeList).
			Placement(common.LegendPlacementBottom).ShowLegend(true)).
		Tooltip(common.NewVizTooltipOptionsBuilder().Mode(common.TooltipDisplayModeMulti).Sort(common.SortOrderDescending))
	for i, q := range queries {
		p.WithTarget(q.RefId(ref(i)))
	}
	return p
}

// softMax gives the least upper end of an axis, so that zeros do not stand on one up to 100,
// which for a share is 10000 %.
func softMax(unit string) float64 {
	if unit == share || unit == perSecond {
		return 0.1
	}
	return 1
}

// stacked is a chart of what adds up.
func stacked(f frame, queries ...*prometheus.DataqueryBuilder) *timeseries.PanelBuilder {
	return chart(f, queries...).FillOpacity(40).
		Stacking(common.NewStackingConfigBuilder().Mode(common.StackingModeNormal))
}

// rare makes the chart one of events between which there is nothing. A value that stands
// alone is no line, and shows only as a point.
func rare(p *timeseries.PanelBuilder) *timeseries.PanelBuilder {
	return p.MaxDataPoints(coarse).ShowPoints(common.VisibilityModeAuto).PointSize(4)
}

// A paint gives a series of a chart its colour.
type paint struct{ series, color string }

// painted gives colours to series that mean the same everywhere, or have to be told apart
// from thresholds.
func painted(p *timeseries.PanelBuilder, paints ...paint) *timeseries.PanelBuilder {
	for _, c := range paints {
		p.OverrideByName(c.series, []dashboard.DynamicConfigValue{
			{Id: "color", Value: map[string]any{"mode": "fixed", "fixedColor": c.color}},
		})
	}
	return p
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
		MaxDataPoints(coarse).Calculate(false).
		YAxis(heatmap.NewYAxisConfigBuilder().Unit(f.unit)).
		CellValues(heatmap.NewCellValuesBuilder().Unit(count)).
		Color(heatmap.NewHeatmapColorOptionsBuilder().Mode(heatmap.HeatmapColorModeScheme).Scheme("Oranges").Fill("dark-orange").Steps(32).Exponent(0.5)).
		Tooltip(heatmap.NewHeatmapTooltipBuilder().Mode(common.TooltipDisplayModeSingle).YHistogram(true))
	for i, q := range queries {
		p.WithTarget(q.RefId(ref(i)))
	}
	return p
}

// ref names the i-th query of a panel.
func ref(i int) string { return "ABCDEFGH"[i : i+1] }
