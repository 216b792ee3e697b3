package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"syscall"

	"socialboards_exporter/apiclient"
)

// listening says how to mend what keeps an address from being listened at. key is where
// the address was given.
func listening(key string, err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%s: %w; another process listens there: stop it, or give another address", key, err)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("%s: %w; give an address of this machine, or only a port such as :10066", key, err)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%s: %w; ports below 1024 need privileges: give a higher one", key, err)
	default:
		return fmt.Errorf("%s: %w", key, err)
	}
}

// serving says how to mend what kept the web server from serving.
func serving(err error) error {
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "listen" {
		return listening("--web.listen-address", err)
	}
	return err
}

// reading says how to mend what keeps the configuration file from being read.
func reading(path string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w; name the file with --config.file, or see the exporter without one: socialboards_exporter demo", err)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w; let the user of this process read it", err)
	case errors.Is(err, syscall.EISDIR):
		return fmt.Errorf("%w; name the file in it: --config.file=%s/socialboards.yml", err, path)
	default:
		return err
	}
}

// asking says how to mend what keeps the API from answering.
func asking(err error) error {
	var failure *apiclient.Error
	if !errors.As(err, &failure) {
		return err
	}
	switch failure.Kind {
	case apiclient.Auth:
		return fmt.Errorf("%w; check api.client_id, and the refresh token: the inbox makes them under Settings, Installation, Public API", err)
	case apiclient.Unreachable, apiclient.Timeout:
		return fmt.Errorf("%w; check api.base_url, and the way there: proxy, firewall, DNS", err)
	case apiclient.BadAnswer:
		return fmt.Errorf("%w; check that api.base_url is that of the API", err)
	default:
		return err
	}
}
