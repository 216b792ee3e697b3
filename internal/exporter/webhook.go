package exporter

import (
	"errors"
	"log/slog"
	"net/http"

	"socialboards_exporter/internal/webhook"
)

// Notify takes in that something happened to a ticket. One that is followed is read as
// soon as may be. For another one, the selections are read for what is new: if one of them
// shows the ticket, it is taken up. false: nothing follows.
func (e *Exporter) Notify(ticket int64) bool {
	e.mu.Lock()
	defer e.mu.Unlock() // else a reload could leave behind what its old session is told
	s := e.session
	return s != nil && (s.poller.Notify(ticket) || s.recorder.Owns(ticket) && s.poller.Seek())
}

// Webhook gives the handler for what Socialboards calls. The running configuration is
// asked for the token at each call.
func (e *Exporter) Webhook(path string, log *slog.Logger) http.Handler {
	return webhook.New(webhook.Options{
		Path: path, VerifyToken: e.verifyToken, Notifier: e, Observer: e.own, Logger: log,
	})
}

func (e *Exporter) verifyToken() (string, error) {
	w, ok := e.config.Load().Webhook()
	if !ok {
		return "", errors.New("no webhook is configured")
	}
	return w.VerifyToken()
}
