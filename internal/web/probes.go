package web

import (
	"io"
	"net/http"
)

// answer writes a sentence of plain text. An error in writing means that the client has
// left, and there is nobody to tell.
func answer(w http.ResponseWriter, status int, sentence string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, sentence+"\n")
}

// healthy answers 200 as long as the process serves at all: restarting it would mend
// neither an outage of the API nor a full disk.
func healthy(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, "socialboards_exporter is healthy.")
}

func ready(r Readiness) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if waiting := r.Waiting(); waiting != "" {
			answer(w, http.StatusServiceUnavailable, waiting)
			return
		}
		answer(w, http.StatusOK, "socialboards_exporter is ready.")
	})
}
