package exporter

// Progress is how far the first pass is, as socialboards_exporter_ready, _tracked_tickets
// and _unread_tickets show it.
type Progress struct {
	Ready       bool
	Read, Total int // tickets; Total grows while lists are read
}

// Progress tells how far the first pass is.
func (e *Exporter) Progress() Progress {
	s := e.current()
	if s == nil {
		return Progress{}
	}
	shown := s.recorder.Tally().Snapshot(e.opts.Clock.Now())
	return Progress{Ready: shown.Ready, Read: shown.Tracked - shown.Unread, Total: shown.Tracked}
}
