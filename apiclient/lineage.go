package apiclient

import "log/slog"

// lineage knows which refresh tokens can be sent: the configured one, and the one that
// the API gave in its place. It is for one goroutine at a time.
type lineage struct {
	store TokenStore // nil: what was rotated lives as long as the process
	log   *slog.Logger

	latest  Rotation
	unsaved bool // latest is not durable yet
}

// candidates gives the tokens to try, best first. The rotated one comes first as long as
// the configured one is that from which it descends.
func (l *lineage) candidates(configured string) []string {
	l.load()
	if l.latest.Token == "" || l.latest.Token == configured || l.latest.Configured != fingerprint(configured) {
		return []string{configured}
	}
	return []string{l.latest.Token, configured}
}

// accepted takes in that the API accepted sent, one of the candidates, and gave got. Only
// when it returns nil may got, or the access token that came with it, be used: else a
// crash could leave nothing but a token that the API has withdrawn.
func (l *lineage) accepted(configured, sent, got string) error {
	switch {
	case got != "" && got != sent:
		l.latest, l.unsaved = Rotation{fingerprint(configured), got}, true
	case sent != l.latest.Token && l.latest.Configured == fingerprint(configured):
		// The rotated one was refused before; do not try it again at each start.
		l.latest, l.unsaved = Rotation{fingerprint(configured), configured}, true
	}
	return l.save()
}

func (l *lineage) save() error {
	if l.unsaved && l.store != nil {
		if err := l.store.Save(l.latest); err != nil {
			return err
		}
	}
	l.unsaved = false
	return nil
}

// load takes over what was saved, each time: another process, such as one that looks the
// configuration over, may have been given the token that is good now.
func (l *lineage) load() {
	if l.unsaved || l.store == nil {
		return
	}
	stored, err := l.store.Load()
	switch {
	case err != nil && l.latest.Token == "":
		l.log.Warn("The rotated refresh token cannot be read, using the configured one", "err", err)
	case err == nil && stored.Token != "":
		l.latest = stored
	}
}
