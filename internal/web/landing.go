package web

import (
	"bytes"
	"html/template"
	"net/http"
	"slices"

	toolkit "github.com/prometheus/exporter-toolkit/web"
)

const landingCSS = `a { color: #0b62c4; }
header { background-color: #b93c1a; }
:focus-visible { outline: 3px solid #0b62c4; outline-offset: 2px; }
@media (prefers-color-scheme: dark) {
  :root { color-scheme: dark; }
  body { background: #181b1f; color: #d8d9da; }
  a { color: #6ea8fe; }
}`

// stateHTML says how the exporter fares.
const stateHTML = `<h2>State</h2>
{{with .Waiting}}<p>Not ready. {{.}}</p>{{else}}<p>Ready.</p>{{end}}
{{with .Problems}}<ul>{{range .}}<li>{{.}}</li>{{end}}</ul>{{else}}<p>Nothing is wrong.</p>{{end}}`

// landing leads to the other pages, and says how the exporter fares.
type landing struct {
	config toolkit.LandingConfig
	state  *template.Template
	ready  Readiness
}

func landingPage(o Options) (http.Handler, error) {
	state, err := template.New("state").Parse(stateHTML)
	if err != nil {
		return nil, err
	}
	links := []toolkit.LandingLinks{
		{Address: o.MetricsPath, Text: "Metrics"},
		{Address: "/tickets", Text: "Tickets", Description: "what is followed, when it was last looked at, and when it will be again"},
		{Address: "/-/healthy", Text: "Healthy", Description: "the process serves"},
		{Address: "/-/ready", Text: "Ready", Description: "the counters are there"},
	}
	if o.Lifecycle {
		links = append(links, toolkit.LandingLinks{Address: "/config", Text: "Configuration", Description: "secrets are masked"})
	}
	config := toolkit.LandingConfig{
		Name:        "socialboards_exporter",
		Description: "Prometheus exporter for the ticket logs of Socialboards",
		Version:     o.Version,
		Links:       links,
		ExtraCSS:    landingCSS,
		Profiling:   "false",
	}
	return landing{config, state, o.Ready}, nil
}

// ServeHTTP makes the page anew each time, since it tells the present state.
func (l landing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var html bytes.Buffer
	err := l.state.Execute(&html, map[string]any{"Waiting": l.ready.Waiting(), "Problems": l.ready.Problems()})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	config := l.config
	config.Links = slices.Clone(config.Links) // the toolkit changes them
	config.ExtraHTML = html.String()          // which the toolkit takes as it is
	page, err := toolkit.NewLandingPage(config)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	page.ServeHTTP(w, r)
}
