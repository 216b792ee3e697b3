package config

import (
	"bytes"
	"time"

	"gopkg.in/yaml.v3"
)

// Masked gives the configuration as YAML, defaults included and secrets replaced. Parsed
// again, it is the same configuration but for the secrets.
func (c *Config) Masked() ([]byte, error) {
	doc := mapping{}
	doc.add("api", c.api.masked())
	doc.add("tickets", mapping{{"ids", c.tickets.IDs}, {"discover", each(c.tickets.Discover, Selection.masked)}})
	doc.add("poll", c.poll.masked())
	doc.add("events", mapping{{"action_types", c.events.ActionTypes}})
	doc.add("statuses", mapping{{"labels", c.statuses.Labels}, {"done", c.statuses.Done}})
	doc.add("users", c.users.masked())
	doc.add("metrics", mapping{
		{"max_tickets", c.metrics.MaxTickets},
		{"status_duration_buckets", each(c.metrics.StatusDurationBuckets, format)},
		{"native_histograms", c.metrics.NativeHistograms},
	})
	doc.add("sla", c.sla.masked())
	if w := c.webhook; w != nil {
		doc.add("webhook", mapping{{"listen_address", w.ListenAddress}, {"path", w.Path}, {"verify_token_file", w.verify.named}})
	}
	doc.add("shard", c.shard.masked())

	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	err := enc.Encode(doc)
	return out.Bytes(), err
}

// mapping is a YAML mapping whose keys keep their order.
type mapping []pair

type pair struct {
	key   string
	value any
}

func (m *mapping) add(key string, value any) { *m = append(*m, pair{key, value}) }

// addIf adds what is not the zero value, which stands for an absent key.
func addIf[T comparable](m *mapping, key string, value T) {
	var zero T
	if value != zero {
		m.add(key, value)
	}
}

// MarshalYAML gives the mapping to the encoder.
func (m mapping) MarshalYAML() (any, error) {
	n := &yaml.Node{Kind: yaml.MappingNode}
	for _, p := range m {
		var key, value yaml.Node
		key.SetString(p.key)
		if err := value.Encode(p.value); err != nil {
			return nil, err
		}
		n.Content = append(n.Content, &key, &value)
	}
	return n, nil
}

func each[T, M any](all []T, show func(T) M) []M {
	shown := make([]M, len(all))
	for i, v := range all {
		shown[i] = show(v)
	}
	return shown
}

func (a API) masked() mapping {
	m := mapping{{"base_url", a.BaseURL}, {"token_url", a.TokenURL}}
	if a.clientIDFile != "" {
		m.add("client_id_file", a.clientIDFile)
	} else {
		m.add("client_id", a.ClientID)
	}
	if a.refresh.file != "" {
		m.add("refresh_token_file", a.refresh.named)
	} else {
		m.add("refresh_token", masked)
	}
	addIf(&m, "inbox_url", a.InboxURL)
	addIf(&m, "ca_file", a.way.caFile)
	addIf(&m, "proxy_url", a.way.proxyURL)
	if a.way.proxy != nil {
		m.add("proxy_url_file", a.way.proxy.named)
	}
	m.add("timeout", format(a.Timeout))
	m.add("requests_per_second", a.RequestsPerSecond)
	m.add("burst", a.Burst)
	m.add("concurrency", a.Concurrency)
	return m
}

func (s Selection) masked() mapping {
	m := mapping{}
	addIf(&m, "status", s.Status)
	addIf(&m, "source", s.Source)
	addIf(&m, "category_id", s.category())
	if s.CreatedWithin > 0 {
		m.add("created_within", format(s.CreatedWithin))
	}
	if len(s.CustomFields) > 0 {
		m.add("custom_fields", each(s.CustomFields, func(f CustomField) mapping {
			return mapping{{"key", f.Key}, {"value", f.Value}}
		}))
	}
	return m
}

func (p Poll) masked() mapping {
	return mapping{
		{"interval", format(p.Interval)},
		{"max_interval", format(p.MaxInterval)},
		{"read_max_interval", format(p.ReadMaxInterval)},
		{"done_max_interval", format(p.DoneMaxInterval)},
		{"done_for", format(p.DoneFor)},
	}
}

func (u Users) masked() mapping {
	m := mapping{{"names", u.names}}
	if u.pseudo != nil {
		m.add("pseudonym_key_file", u.pseudo.named)
	}
	m.add("limit", u.Limit)
	return m
}

func (s Shard) masked() mapping {
	m := mapping{{"index", s.Index}, {"total", s.Total}}
	if s.hostname {
		m[0].value = fromHostname
	}
	if !s.Since.IsZero() {
		m.add("since", s.Since.Format(time.RFC3339Nano))
	}
	return m
}

func (s SLA) masked() mapping {
	calendars := mapping{}
	for _, c := range s.Calendars {
		calendars.add(c.Name, c.masked())
	}
	return mapping{{"calendars", calendars}, {"objectives", each(s.Objectives, Objective.masked)}}
}

func (c Calendar) masked() mapping {
	hours := mapping{}
	for day, intervals := range c.Hours {
		if len(intervals) > 0 {
			hours.add(weekdays()[day], each(intervals, Interval.String))
		}
	}
	m := mapping{{"timezone", c.Timezone}, {"hours", hours}}
	holidays := mapping{}
	addIf(&holidays, "country", c.Country)
	if len(c.Dates) > 0 {
		holidays.add("dates", each(c.Dates, Date.String))
	}
	if len(holidays) > 0 {
		m.add("holidays", holidays)
	}
	return m
}

func (o Objective) masked() mapping {
	m := mapping{{"name", o.Name}, {"measure", string(o.Measure)}}
	addIf(&m, "status", o.Status)
	m.add("target", hms(o.Target)) // as calendars want it
	m.add("warn_at", o.WarnAt)
	addIf(&m, "calendar", o.Calendar)
	if len(o.PauseIn) > 0 {
		m.add("pause_in", o.PauseIn)
	}
	match := mapping{}
	if len(o.Match.Sources) > 0 {
		match.add("sources", o.Match.Sources)
	}
	if len(o.Match.CategoryIDs) > 0 {
		match.add("category_ids", o.Match.CategoryIDs)
	}
	if len(o.Match.Tags) > 0 {
		match.add("tags", o.Match.Tags)
	}
	if len(match) > 0 {
		m.add("match", match)
	}
	return m
}
