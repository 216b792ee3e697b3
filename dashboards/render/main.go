// Command render writes the dashboards as JSON into the directory given.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"socialboards_exporter/dashboards"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: render DIRECTORY")
		os.Exit(2)
	}
	if err := render(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func render(dir string) error {
	boards, err := dashboards.All()
	if err != nil {
		return err
	}
	for _, b := range boards {
		text, err := b.JSON()
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, b.Name+".json"), text, 0o644); err != nil { //nolint:gosec // public
			return err
		}
	}
	return nil
}
