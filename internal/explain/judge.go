package explain

import (
	"fmt"
	"math"
	"slices"
	"time"

	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/poll"
)

func (e *explainer) report() *Report {
	e.sample.Lists = e.asked
	r := &Report{
		Tickets: e.count(), Rules: e.rules, Objectives: e.objectives(), Labels: e.unknownLabels(),
		Sample: e.sample, Incomplete: e.cut || slices.ContainsFunc(e.rules, func(r Rule) bool { return r.Incomplete }),
	}
	r.Requests = e.requests(r.Tickets)
	r.FirstPass = e.firstPass()
	r.Series = e.series(r.Tickets)
	r.Problems = problems(r.Requests)
	return r
}

func (e *explainer) count() Tickets {
	n := Tickets{Followed: len(e.tickets), Gone: len(e.left.gone), OtherShards: len(e.left.foreign)}
	for _, t := range e.tickets {
		if t.done {
			n.Done++
		} else {
			n.Live++
		}
		if t.old {
			n.Old++
		}
		if t.rules > 1 {
			n.Several++
		}
		if e.now.Sub(t.LastActivity) <= time.Hour {
			n.LastHour++
		}
	}
	return n
}

// requestsOfChange is what it takes to read a log in which something is new: a page with
// what is new, and one that shows that nothing else is.
const requestsOfChange = 2

func (e *explainer) requests(n Tickets) Requests {
	var states []poll.State
	for _, id := range e.ids {
		if t := e.tickets[id]; !t.old {
			states = append(states, poll.State{ID: id, Done: t.done, LastEntry: t.LastActivity, Since: t.Created})
		}
	}
	d := poll.Forecast(e.Poll, states, func(key string) int { return e.pages[key] }, e.now, time.Hour)
	r := Requests{
		Discovery: float64(d.Pages), Looks: float64(d.Looks), Changes: float64(requestsOfChange * n.LastHour),
		Idle:   math.Round(float64(d.Reads) + float64(d.Full)*e.perLog()),
		Budget: math.Round(e.Poll.RequestRate * 3600),
	}
	r.Now = r.Discovery + r.Looks + r.Changes + r.Idle
	r.AtWorst = math.Round(float64(time.Hour) / float64(e.Poll.Interval) * e.round(n))
	return r
}

// round is what one interval takes in which something has happened in every live ticket:
// every page of every selection, a look at each, a read of each.
func (e *explainer) round(n Tickets) float64 {
	var pages int
	for _, p := range e.pages {
		pages += p
	}
	return float64(pages) + math.Ceil(float64(n.Live)/50) + float64(requestsOfChange*n.Live)
}

// perLog is how many requests it takes to read a log to its end.
func (e *explainer) perLog() float64 {
	if e.sample.Logs == 0 {
		return requestsOfChange
	}
	return float64(e.sample.Requests) / float64(e.sample.Logs)
}

// firstPass is bounded by the rate, and by how many requests are under way at once.
func (e *explainer) firstPass() FirstPass {
	requests := 1.0 // for an access token
	for _, r := range e.rules {
		requests += float64(r.Requests)
	}
	requests = math.Round(requests + float64(len(e.tickets))*e.perLog())
	seconds := requests / e.Poll.RequestRate
	if latency := e.Latency(); latency > 0 {
		seconds = max(seconds, requests*latency.Seconds()/float64(e.Poll.Concurrency))
	}
	return FirstPass{requests, math.Round(seconds)}
}

// problems says why the interval cannot be kept. Reads without a cause get half of the rate.
func problems(r Requests) []string {
	var all []string
	needed := max(r.Now, 2*r.Idle) / 3600
	advice := fmt.Sprintf("set api.requests_per_second to %.3g or more if your account allows it, or poll.interval higher, or follow fewer tickets",
		math.Ceil(needed*10)/10)
	if r.Now > r.Budget {
		all = append(all, fmt.Sprintf("%.0f requests an hour are due and %.0f are allowed: looks and reads would come ever later; %s", r.Now, r.Budget, advice))
	} else if 2*r.Idle > r.Budget {
		all = append(all, fmt.Sprintf("%.0f reads an hour without a cause are due, and they get half of the %.0f requests that are allowed: they would come ever later; %s",
			r.Idle, r.Budget, advice))
	}
	return all
}

func (e *explainer) objectives() []Objective {
	all := make([]Objective, 0, len(e.Objectives))
	for _, o := range e.Objectives {
		n := Objective{Name: o.Name}
		for _, t := range e.tickets {
			if !o.Match.Holds(fact.View{Source: t.Source, Category: t.CategoryID, Tags: t.Tags}) {
				continue
			}
			n.Tickets++
			if !t.done {
				n.Live++
			}
		}
		all = append(all, n)
	}
	return all
}
