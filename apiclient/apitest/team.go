package apitest

import (
	"math/rand/v2"
	"strings"
)

// Person is a user with this status ("team", "client", …); the same name and status give
// the same user.
func Person(status, name string) *User {
	address := strings.ReplaceAll(strings.ToLower(name), " ", ".")
	u := &User{ID: guid(status, name), Name: name, Email: address + "@example.com", Status: status}
	// Some accounts show the field, with or without a value; older ones do not.
	switch h := digest(name)[0] % 3; {
	case h == 0:
		u.CustomIdentifier = new(string)
	case h == 1 && status == "client":
		id := strings.ToLower(u.ID[:8])
		u.CustomIdentifier = &id
	}
	return u
}

// Robot is a user that is a bot.
func Robot(name string) *User {
	u := Person("team", name)
	u.IsBot = true
	return u
}

// team is who answers: agents and bots.
type team struct {
	agents  []*User
	greeter *User // confirms receipt
	closer  *User // completes what nobody has asked about any more
}

func newTeam(seed uint64) team {
	t := team{greeter: Robot("Welcome Bot"), closer: Robot("Tidy Bot")}
	for i, first := range agentNames {
		t.agents = append(t.agents, Person("team", first+" "+surnames[(i*7+int(seed%13))%len(surnames)]))
	}
	return t
}

// Agents gives the people of the invented team.
func (s *Server) Agents() []*User { return append([]*User{}, s.team.agents...) }

// Bots gives the bots of the invented team.
func (s *Server) Bots() []*User { return []*User{s.team.greeter, s.team.closer} }

// anyone gives a member of the team; the first ones work more than the last ones.
func (t team) anyone(r *rand.Rand) *User {
	return t.agents[min(r.IntN(len(t.agents)), r.IntN(len(t.agents)))]
}

func newCustomer(r *rand.Rand) *User {
	return Person("client", customerNames[r.IntN(len(customerNames))]+" "+surnames[r.IntN(len(surnames))])
}

//nolint:gochecknoglobals // immutable tables
var (
	agentNames    = []string{"Ingrid", "Jonas", "Amina", "Sven", "Marte", "Oskar", "Leyla", "Henrik"}
	customerNames = []string{
		"Anna", "Bjørn", "Camilla", "David", "Elin", "Fatima", "Gustav", "Hanna", "Ivar", "Julia", "Kjetil",
		"Linnea", "Mohammed", "Nora", "Ole", "Petra", "Ragnhild", "Sigurd", "Tuva", "Ulf", "Vera", "Yusuf",
	}
	surnames = []string{
		"Andersen", "Berg", "Dahl", "Eriksson", "Fjeld", "Gran", "Haugen", "Iversen", "Johansson", "Kvam", "Lind",
		"Moen", "Nyström", "Olsen", "Persson", "Rask", "Solberg", "Tangen", "Ulvik", "Viken", "Åsen", "Ødegård",
	}
)

// subject is what a ticket is about.
type subject struct{ title, message string }

// subjects are kept by language.
//
//nolint:gochecknoglobals // an immutable table
var subjects = map[string][]subject{
	"en": {
		{"Where is my parcel?", "The tracking page has said the same for four days."},
		{"Invoice for last month", "Could you send it once more, please?"},
		{"I cannot log in", "The code never arrives on my phone."},
		{"Wrong size", "I would like to exchange the jacket for a larger one."},
		{"Opening hours at Easter", "Are you open on Thursday?"},
	},
	"nb": {
		{"Hvor er pakken min?", "Sporingen har stått stille i fire dager."},
		{"Faktura for forrige måned", "Kan dere sende den en gang til?"},
		{"Får ikke logget inn", "Koden kommer aldri på telefonen."},
		{"Feil størrelse", "Jeg vil gjerne bytte jakken i en større."},
		{"Åpningstider i påsken", "Har dere åpent på torsdag?"},
	},
	"sv": {
		{"Var är mitt paket?", "Spårningen har stått still i fyra dagar."},
		{"Faktura för förra månaden", "Kan ni skicka den en gång till?"},
		{"Kan inte logga in", "Koden kommer aldrig till telefonen."},
		{"Fel storlek", "Jag vill gärna byta jackan mot en större."},
		{"Öppettider i påsk", "Har ni öppet på torsdag?"},
	},
}

//nolint:gochecknoglobals // immutable tables; what is frequent stands there more than once
var (
	sources    = []string{"web", "web", "web", "email", "email", "facebook", "chat"}
	sentiments = []string{"question", "question", "praise", "suggestion", "complaint"}
	tags       = []string{"vip", "refund", "delivery", "bug", "login"}
	categories = []int64{33527, 33528, 33531, 33540}
)

func pickFrom[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// newTicket invents what a customer writes about.
func newTicket(r *rand.Rand, languages []string) Ticket {
	lang := pickFrom(r, languages)
	about, ok := subjects[lang]
	if !ok {
		about = subjects["en"]
	}
	sub := pickFrom(r, about)
	t := Ticket{
		Title: sub.title, Message: sub.message, Language: lang,
		Source: pickFrom(r, sources), Sentiment: pickFrom(r, sentiments),
	}
	if r.IntN(3) > 0 {
		t.CategoryID = pickFrom(r, categories)
	}
	if r.IntN(5) == 0 {
		t.Tags = []string{pickFrom(r, tags)}
	}
	if r.IntN(4) == 0 {
		t.CustomFields = []CustomField{{Key: 18464, Value: pickFrom(r, []string{"Option 1", "Option 2"})}}
	}
	return t
}
