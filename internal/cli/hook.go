package cli

import (
	"context"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/exporter-toolkit/web"

	"socialboards_exporter/internal/exporter"
)

// hook is the listener for webhooks; without one, listener is nil.
type hook struct {
	listener net.Listener
	server   *http.Server
	loaded   <-chan struct{}
}

// newHook begins to listen, where the configuration wants it. Calls wait until serve.
func newHook(ctx context.Context, f Flags, e *exporter.Exporter) (*hook, error) {
	w, ok := e.Config().Webhook()
	if !ok {
		return &hook{}, nil
	}
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", w.ListenAddress)
	if err != nil {
		return nil, listening("webhook.listen_address", err)
	}
	f.Log.Info("webhooks are received", "address", l.Addr().String(), "path", w.Path)
	return &hook{l, newHookServer(e.Webhook(w.Path, f.Log)), e.Loaded()}, nil
}

// newHookServer has tighter bounds than the pages need: a call is small.
func newHookServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      15 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
	}
}

// serve answers calls until shutdown, under the same web configuration as the pages. It
// begins when the tickets are loaded: earlier nobody could say which are followed.
func (h *hook) serve(ctx context.Context, f Flags) error {
	if h.listener == nil {
		<-ctx.Done()
		return http.ErrServerClosed
	}
	select {
	case <-h.loaded:
		return web.Serve(h.listener, h.server, &web.FlagConfig{WebConfigFile: f.Web.WebConfigFile}, f.Log)
	case <-ctx.Done():
		_ = h.listener.Close() // nobody was served
		return http.ErrServerClosed
	}
}

// shutdown lets the calls in hand be answered.
func (h *hook) shutdown(ctx context.Context) error {
	if h.server == nil {
		return nil
	}
	return finish(ctx, h.server)
}
