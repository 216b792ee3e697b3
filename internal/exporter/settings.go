package exporter

import (
	"fmt"
	"time"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/internal/config"
	"socialboards_exporter/internal/exposition"
	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/ledger"
	"socialboards_exporter/internal/poll"
	"socialboards_exporter/internal/recorder"
	"socialboards_exporter/internal/sla"
	"socialboards_exporter/internal/status"
	"socialboards_exporter/internal/tally"
)

// The functions in this file say of each part of the configuration which package it is for.

// recorderSettings is what counting goes by.
func recorderSettings(c *config.Config, memory bool) (recorder.Settings, error) {
	calendars, err := calendars(c)
	if err != nil {
		return recorder.Settings{}, err
	}
	statuses, users, shard := c.Statuses(), c.Users(), c.Shard()
	s := recorder.Settings{
		TicketIDs:   c.Tickets().IDs,
		Labels:      statuses.Labels,
		Done:        statuses.Done,
		UserLimit:   users.Limit,
		Shard:       recorder.Shard{Index: uint64(shard.Index), Total: uint64(shard.Total), Since: fact.At(shard.Since)}, //nolint:gosec // validated: not negative
		FromZero:    memory,
		Definitions: map[string]string{},
		Tally:       tallySettings(c, calendars),
	}
	if key := users.PseudonymKey(); key != nil {
		s.Pseudonyms = recorder.NewPseudonyms(key)
	}
	for _, sel := range c.Tickets().Discover {
		s.Selections = append(s.Selections, sel.Key())
	}
	for _, o := range c.SLA().Objectives {
		s.Objectives = append(s.Objectives, objective(o, calendars))
		s.Definitions[o.Name] = o.Definition()
	}
	return s, nil
}

func calendars(c *config.Config) (map[string]*sla.Calendar, error) {
	all := map[string]*sla.Calendar{}
	for _, cal := range c.SLA().Calendars {
		spec := sla.Spec{Name: cal.Name, Location: cal.Location, Country: cal.Country}
		for day, hours := range cal.Hours {
			for _, h := range hours {
				spec.Hours[day] = append(spec.Hours[day], sla.Interval{From: h.From, To: h.To})
			}
		}
		for _, d := range cal.Dates {
			spec.Dates = append(spec.Dates, sla.Date{Year: d.Year, Month: d.Month, Day: d.Day})
		}
		made, err := sla.New(spec)
		if err != nil {
			return nil, fmt.Errorf("sla.calendars.%s: %w", cal.Name, err)
		}
		all[cal.Name] = made
	}
	return all, nil
}

func objective(o config.Objective, calendars map[string]*sla.Calendar) ledger.Objective {
	l := ledger.Objective{
		Name: o.Name, Measure: ledger.Measure(o.Measure), Status: o.Status, Target: o.Target, WarnAt: o.WarnAt,
		Calendar: calendars[o.Calendar], PauseIn: map[string]bool{}, Since: fact.Never,
		Match: ledger.Match{Sources: o.Match.Sources, Categories: o.Match.CategoryIDs, Tags: o.Match.Tags},
	}
	for _, s := range o.PauseIn {
		l.PauseIn[s] = true
	}
	return l
}

func tallySettings(c *config.Config, calendars map[string]*sla.Calendar) tally.Settings {
	m := c.Metrics()
	s := tally.Settings{Native: m.NativeHistograms, Statuses: status.NewTable(c.Statuses().Labels, nil).Known()}
	for _, d := range m.StatusDurationBuckets {
		s.Bounds = append(s.Bounds, d.Seconds())
	}
	for _, o := range c.SLA().Objectives {
		s.Objectives = append(s.Objectives, tally.ObjectiveSetting{Name: o.Name, Target: o.Target})
	}
	for name, cal := range calendars {
		s.Calendars = append(s.Calendars, tally.CalendarSetting{Name: name, Calendar: cal})
	}
	return s
}

// pollSettings is when to look and read. complete tells when each selection was last read
// completely.
func pollSettings(c *config.Config, complete func(selection string) time.Time) poll.Settings {
	p, api := c.Poll(), c.API()
	s := poll.Settings{
		Interval: p.Interval, MaxInterval: p.MaxInterval, ReadMaxInterval: p.ReadMaxInterval,
		DoneMaxInterval: p.DoneMaxInterval, DoneFor: p.DoneFor,
		RequestRate: api.RequestsPerSecond, Concurrency: api.Concurrency,
	}
	for _, sel := range c.Tickets().Discover {
		s.Selections = append(s.Selections, poll.Selection{
			Key: sel.Key(), Query: listQuery(sel), CreatedWithin: sel.CreatedWithin, Complete: complete(sel.Key()),
		})
	}
	return s
}

func listQuery(s config.Selection) apiclient.ListQuery {
	q := apiclient.ListQuery{Status: s.Status, Source: s.Source, CategoryID: s.CategoryID, Uncategorized: s.Uncategorized}
	for _, f := range s.CustomFields {
		q.CustomFields = append(q.CustomFields, apiclient.CustomField{Key: f.Key, Value: f.Value})
	}
	return q
}

func shownOptions(c *config.Config) exposition.Options {
	return exposition.Options{
		ActionTypes: c.Events().ActionTypes, UserNames: c.Users().Names,
		MaxTickets: c.Metrics().MaxTickets, InboxURL: c.API().InboxURL,
	}
}

func limits(c *config.Config) apiclient.Limits {
	api := c.API()
	return apiclient.Limits{
		RequestsPerSecond: api.RequestsPerSecond, Burst: api.Burst, Concurrency: api.Concurrency, Timeout: api.Timeout,
	}
}
