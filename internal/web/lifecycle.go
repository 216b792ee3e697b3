package web

import (
	"context"
	"net/http"
	"strings"
)

// whereAllowed refuses what --web.enable-lifecycle has not allowed.
func (o Options) whereAllowed(next http.Handler) http.Handler {
	if o.Lifecycle {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusForbidden, "This is not allowed; start the exporter with --web.enable-lifecycle to allow it.")
	})
}

// reload refuses requests that a page of another site makes through somebody's browser.
func reload(r Reloader) http.Handler {
	return http.NewCrossOriginProtection().Handler(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		// Who leaves before the answer has asked for the reload all the same.
		advice, err := r.Reload(context.WithoutCancel(req.Context()))
		if err != nil {
			answer(w, http.StatusInternalServerError, "The configuration was not reloaded, the old one stays:\n"+err.Error())
			return
		}
		answer(w, http.StatusOK, strings.Join(append([]string{"The configuration is reloaded."}, advice...), "\n"))
	}))
}

func showConfig(c ConfigSource) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		text, err := c.Masked()
		if err != nil {
			answer(w, http.StatusInternalServerError, "The configuration cannot be shown: "+err.Error())
			return
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8") // browsers would save YAML
		w.Header().Set("Cache-Control", "no-store")
		_, _ = w.Write(text) // fails only when the client has left
	})
}
