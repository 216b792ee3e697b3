// Command stack runs the exporter's demo, Prometheus and Alertmanager as plain processes,
// configured as in deploy/compose, until it is interrupted. It is for machines without
// containers.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	var s settings
	flag.StringVar(&s.exporter, "exporter", "", "path of socialboards_exporter")
	flag.StringVar(&s.prometheus, "prometheus", "prometheus", "path of prometheus")
	flag.StringVar(&s.alertmanager, "alertmanager", "alertmanager", "path of alertmanager")
	flag.StringVar(&s.root, "root", ".", "directory of the repository")
	flag.StringVar(&s.exporterAt, "exporter.address", "127.0.0.1:10066", "where the exporter listens")
	flag.StringVar(&s.prometheusAt, "prometheus.address", "127.0.0.1:9090", "where Prometheus listens")
	flag.StringVar(&s.alertmanagerAt, "alertmanager.address", "127.0.0.1:9093", "where Alertmanager listens")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, s, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
