// Package dashboards builds the Grafana dashboards. They are written here, rendered to
// JSON by the command in render, and committed in both forms.
package dashboards

import (
	"encoding/json"
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
)

// tag is what the dashboards find each other by.
const tag = "socialboards"

// Uids of the dashboards. Links and alerts rely on them.
const (
	overviewUID = "socialboards-overview"
	slaUID      = "socialboards-sla"
	teamUID     = "socialboards-team"
	exporterUID = "socialboards-exporter"
)

// A Board is a dashboard and the name of its file, without extension.
type Board struct {
	Name  string
	Model dashboard.Dashboard
}

// JSON gives the board as Grafana imports it.
func (b Board) JSON() ([]byte, error) {
	out, err := json.MarshalIndent(b.Model, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.Name, err)
	}
	return append(out, '\n'), nil
}

// All builds all boards.
func All() ([]Board, error) {
	var boards []Board
	for _, b := range []struct {
		name  string
		build func() *dashboard.DashboardBuilder
	}{
		{"overview", overview}, {"sla", sla}, {"team", team}, {"exporter", exporter},
	} {
		model, err := b.build().Build()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", b.name, err)
		}
		number(&model)
		for i := range model.Links {
			model.Links[i].Placement = nil // the library would hide them in a menu
		}
		boards = append(boards, Board{Name: b.name, Model: model})
	}
	return boards, nil
}

// number gives each panel an id, so that links to panels stay the same from one rendering
// to the next.
func number(d *dashboard.Dashboard) {
	for i := range d.Panels {
		id := uint32(i + 1)
		if p := d.Panels[i].Panel; p != nil {
			p.Id = &id
		}
		if r := d.Panels[i].RowPanel; r != nil {
			r.Id = id
		}
	}
}

// newBoard begins a board with what all have: variables, links to the others, refresh.
func newBoard(uid, title, description, from string) *dashboard.DashboardBuilder {
	return dashboard.NewDashboardBuilder("Socialboards / "+title).
		Uid(uid).
		Description(description).
		Tags([]string{tag}).
		Editable().
		Tooltip(dashboard.DashboardCursorSyncCrosshair).
		Timezone("browser").
		Time(from, "now").
		Refresh("1m").
		WithVariable(dataSource()).
		WithVariable(labelVariable("job", "Job", "socialboards_up", "Which exporters: usually one job for each account.")).
		WithVariable(labelVariable("instance", "Instance", `socialboards_up{job=~"$job"}`,
			"Shards add up, so leave it at All. Choose one of several replicas of the same shard.")).
		Link(dashboard.NewDashboardLinkBuilder("Socialboards").
			Type(dashboard.DashboardLinkTypeDashboards).Tags([]string{tag}).
			IncludeVars(true).KeepTime(true))
}

func dataSource() cog.Builder[dashboard.VariableModel] {
	return dashboard.NewDatasourceVariableBuilder("datasource").Label("Data source").Type("prometheus")
}

// labelVariable offers the values of the label of that name in the metric.
func labelVariable(label, title, metric, description string) cog.Builder[dashboard.VariableModel] {
	query := fmt.Sprintf("label_values(%s, %s)", metric, label)
	all := dashboard.VariableOption{
		Selected: cog.ToPtr(true),
		Text:     dashboard.StringOrArrayOfString{String: cog.ToPtr("All")},
		Value:    dashboard.StringOrArrayOfString{String: cog.ToPtr("$__all")},
	}
	return dashboard.NewQueryVariableBuilder(label).
		Label(title).Description(description).
		Datasource(source()).
		Query(dashboard.StringOrMap{Map: map[string]any{"query": query, "refId": label}}).
		Definition(query).
		Current(all).Multi(true).IncludeAll(true).AllValue(".*").
		Refresh(dashboard.VariableRefreshOnTimeRangeChanged).
		Sort(dashboard.VariableSortNaturalAsc)
}

// source is the data source that the variable of that name chooses.
func source() common.DataSourceRef {
	return common.DataSourceRef{Type: cog.ToPtr("prometheus"), Uid: cog.ToPtr("${datasource}")}
}

// slowest is the least step of charts of series that are recorded every two minutes, so
// that a step has two points at least.
const slowest = "5m"

// row begins a row of panels.
func row(title string) cog.Builder[dashboard.RowPanel] { return dashboard.NewRowBuilder(title) }

// ranged is a query for a chart.
func ranged(expr, legend string) *prometheus.DataqueryBuilder {
	return prometheus.NewDataqueryBuilder().Datasource(source()).Expr(expr).LegendFormat(legend).Range()
}

// instant is a query for the present value.
func instant(expr, legend string) *prometheus.DataqueryBuilder {
	return prometheus.NewDataqueryBuilder().Datasource(source()).Expr(expr).LegendFormat(legend).Instant()
}

// tabled is a query for a table, a column of which it fills.
func tabled(ref, expr string) *prometheus.DataqueryBuilder {
	return instant(expr, "").Format(prometheus.PromQueryFormatTable).RefId(ref)
}

// buckets is a query for a heatmap of a histogram.
func buckets(expr string) *prometheus.DataqueryBuilder {
	return ranged(expr, "{{le}}").Format(prometheus.PromQueryFormatHeatmap).Exemplar(true)
}
