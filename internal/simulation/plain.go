package simulation

import "time"

// Plain tells how many requests a day a poller makes that reads each log, of a page or less,
// again and again.
func Plain(tickets int, every time.Duration) int { return tickets * int(day/every) }
