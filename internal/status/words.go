package status

// The statuses that the API is known to have, by the names it gives them.
const (
	Open      = "open"
	Pending   = "pending"
	Completed = "completed"
)

// words are the display labels that are sure to mean one of the API's statuses, by language
// and status. The API documents none. Its samples show "Open" and "Pending" in English,
// "Åpen" and "På vent" in Norwegian; the others are our reading: what the language calls
// such a state, and nothing else. docs/statuses.md lists them for users.
//
//nolint:gochecknoglobals // an immutable table
var words = map[string]map[string][]string{
	"nb": {
		Open:      {"Åpen", "Åpent"},
		Pending:   {"På vent", "Venter"},
		Completed: {"Fullført", "Ferdig", "Avsluttet", "Lukket", "Løst"},
	},
	"nn": {
		Open:      {"Open", "Ope"},
		Pending:   {"På vent", "Ventar"},
		Completed: {"Fullført", "Ferdig", "Avslutta", "Lukka", "Løyst"},
	},
	"sv": {
		Open:      {"Öppen", "Öppet"},
		Pending:   {"På vänt", "Väntar", "Väntande"},
		Completed: {"Slutförd", "Slutfört", "Avslutad", "Avslutat", "Stängd", "Stängt", "Löst"},
	},
	"da": {
		Open:      {"Åben", "Åbent"},
		Pending:   {"Afventer", "Afventende", "På hold", "Venter"},
		Completed: {"Fuldført", "Færdig", "Afsluttet", "Lukket", "Løst"},
	},
	"en": {
		Open:      {"Open"},
		Pending:   {"Pending", "On hold", "Waiting"},
		Completed: {"Completed", "Closed", "Resolved", "Solved"},
	},
}
