package explain

// Report is what a configuration comes to. It holds neither names nor ids of users.
type Report struct {
	Tickets    Tickets     `json:"tickets"`
	Rules      []Rule      `json:"rules"`
	Requests   Requests    `json:"requests"`
	FirstPass  FirstPass   `json:"first_pass"`
	Series     Series      `json:"series"`
	Objectives []Objective `json:"objectives"`
	// Labels are status labels that no table understands. What the exporter has learned in
	// the meantime is not known here.
	Labels []Label `json:"labels_not_understood"`
	Sample Sample  `json:"sample"`
	// Problems says what keeps the configuration from keeping its own interval; empty: it can.
	Problems []string `json:"problems"`
	// Incomplete means that fewer lists were read than there are: numbers are at least these.
	Incomplete bool `json:"incomplete"`
}

// Tickets are numbers of tickets that the lists showed.
type Tickets struct {
	Followed    int `json:"followed"`
	Live        int `json:"live"`
	Done        int `json:"done"`
	Old         int `json:"done_too_long"`       // among the done: read once, and left
	Several     int `json:"in_several_rules"`    // among the followed
	Gone        int `json:"deleted_or_spam"`     // not followed
	OtherShards int `json:"of_other_shards"`     // not followed here
	LastHour    int `json:"active_in_last_hour"` // among the followed
}

// Rule is why tickets are followed: tickets.ids, or a selection.
type Rule struct {
	Rule       string  `json:"rule"`
	Tickets    int     `json:"tickets"`
	Only       int     `json:"only_by_this_rule"`
	Requests   int     `json:"requests"` // to read it completely
	Missing    []int64 `json:"missing,omitempty"`
	Incomplete bool    `json:"incomplete,omitempty"`
}

// Requests are requests an hour.
type Requests struct {
	Discovery float64 `json:"discovery"`
	Looks     float64 `json:"looks"`
	Changes   float64 `json:"reads_of_changed_logs"`
	Idle      float64 `json:"reads_without_a_cause"`
	Now       float64 `json:"now"`      // all of them, as tickets are now
	AtWorst   float64 `json:"at_worst"` // if something happened in every live ticket all the time
	Budget    float64 `json:"budget"`
}

// FirstPass is what it takes until the exporter is ready for the first time.
type FirstPass struct {
	Requests float64 `json:"requests"`
	Seconds  float64 `json:"seconds"`
}

// Series are the series that would be exposed, the exporter's own aside.
type Series struct {
	Metrics []Metric `json:"metrics"`
	Total   int      `json:"total"`
	Dropped int      `json:"live_tickets_without_series"`
}

// Metric is a metric with the number of its series as text formats write them: a classic
// histogram has one for each bucket, and two.
type Metric struct {
	Name     string `json:"metric"`
	Series   int    `json:"series"`
	Estimate bool   `json:"estimate"` // from the sample, or an upper bound
}

// Objective is an objective with how many tickets it is for.
type Objective struct {
	Name    string `json:"objective"`
	Tickets int    `json:"tickets"`
	Live    int    `json:"live"`
}

// Label is a status label that is not understood.
type Label struct {
	Label   string   `json:"label"`
	Changes int      `json:"changes"`          // in the sample, that name it
	Listed  []string `json:"listed,omitempty"` // what the list states where it is the label of the latest change
}

// Sample is what of the logs was read.
type Sample struct {
	Logs       int `json:"logs"`
	Failed     int `json:"failed"`
	Entries    int `json:"entries"`
	Requests   int `json:"requests"`
	Unreadable int `json:"changes_not_understood"`
	Lists      int `json:"list_requests"`
}
