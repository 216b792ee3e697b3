package ledger

import "socialboards_exporter/internal/fact"

// firstAnswer finds the reply that is the first response: the team's first after the
// beginning or, where the ticket was created inside, after the customer first wrote.
type firstAnswer struct {
	inside, begun, asked, given bool
}

// asks takes a step and says whether it is the one from which on an answer is awaited.
func (f *firstAnswer) asks(s step) bool {
	switch {
	case s.kind == begins:
		f.begun = true
		return !f.inside
	case s.kind == clientReplies && f.inside && !f.asked:
		f.asked = true
		return true
	default:
		return false
	}
}

// answers takes a step and says whether it is the first response.
func (f *firstAnswer) answers(s step) bool {
	if s.kind != teamReplies || f.given || f.inside && !f.asked || !f.begun {
		return false
	}
	f.given = true
	return true
}

// firstResponse runs from the beginning, or the first question, to the first response.
type firstResponse struct {
	cycles
	first firstAnswer
}

func (m *firstResponse) step(s step, _, _ bool, _ string) {
	if m.first.asks(s) {
		m.start(s.at)
	}
	if m.first.answers(s) {
		m.end(s.at, stopped)
	}
}

// nextResponse runs from a customer's reply after the first response to the team's next.
type nextResponse struct {
	cycles
	first firstAnswer
	// owed says that the customer wrote to a done ticket and is not answered: the clock
	// starts when the ticket leaves the done statuses.
	owed bool
}

func (m *nextResponse) step(s step, wasLive, live bool, _ string) {
	responded := m.first.given
	m.first.asks(s)
	m.first.answers(s)
	switch s.kind {
	case begins:
	case teamReplies:
		m.owed = false
		m.end(s.at, stopped)
	case clientReplies:
		if responded {
			m.asked(s.at, live)
		}
	case turns:
		m.turned(s.at, wasLive, live)
	}
}

func (m *nextResponse) asked(at fact.Instant, live bool) {
	switch {
	case !live:
		m.owed = true
	case !m.running():
		m.start(at)
	}
}

func (m *nextResponse) turned(at fact.Instant, wasLive, live bool) {
	switch {
	case wasLive && !live:
		m.end(at, dropped)
	case !wasLive && live && m.owed:
		m.owed = false
		m.start(at)
	}
}

// update runs from each of the team's replies to the next, while the ticket is live. A
// reply to a done ticket starts nothing: it would end at once.
type update struct{ cycles }

func (m *update) step(s step, _, live bool, _ string) {
	switch {
	case s.kind == teamReplies:
		m.end(s.at, stopped)
		if live {
			m.start(s.at)
		}
	case s.kind == turns && !live:
		m.end(s.at, dropped)
	}
}

// resolution runs from the beginning, and again from each reopening, until the ticket is
// done.
type resolution struct{ cycles }

func (m *resolution) step(s step, wasLive, live bool, _ string) {
	switch {
	case s.kind == begins && live && !m.running():
		m.start(s.at)
	case s.kind != turns:
	case wasLive && !live:
		m.end(s.at, stopBy(s))
	case !wasLive && live:
		m.start(s.at)
	}
}

// timeInStatus runs while the ticket is in a status.
type timeInStatus struct {
	cycles
	status string
}

func (m *timeInStatus) step(s step, _, _ bool, status string) {
	switch {
	case s.kind == begins && status == m.status && !m.running():
		m.start(s.at)
	case s.kind == turns && s.from == m.status:
		m.end(s.at, stopBy(s))
	case s.kind == turns && s.to == m.status:
		m.start(s.at)
	}
}
