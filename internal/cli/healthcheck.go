package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"gopkg.in/yaml.v3"
)

// HealthCheck asks the exporter on this host whether it is healthy. It is for containers
// that have no shell and no curl.
func HealthCheck(ctx context.Context, f Flags) error {
	if len(*f.Web.WebListenAddresses) == 0 {
		return errors.New("--web.listen-address: none given to ask")
	}
	url, err := localURL((*f.Web.WebListenAddresses)[0], *f.Web.WebConfigFile)
	if err != nil {
		return err
	}
	url += "/-/healthy"
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	client := http.Client{Transport: &http.Transport{
		// The certificate is made for the name others use; this asks its own host.
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: true}, //nolint:gosec // loopback, and nothing secret is sent
	}}
	resp, err := client.Do(req)
	if alerted(err) {
		fmt.Fprintln(f.Out, "healthy")
		return nil
	}
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	// Behind basic auth the answer 401 shows that the process serves, too.
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusUnauthorized {
		return fmt.Errorf("%s answers %s", url, resp.Status)
	}
	fmt.Fprintln(f.Out, "healthy")
	return nil
}

// alerted says whether the other side refused the connection by an alert of TLS, as it does
// where clients need a certificate: that shows, as 401 does, that the process serves.
func alerted(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "remote error"
}

// localURL makes of an address to listen at the one at which this host reaches it.
func localURL(listen, webConfig string) (string, error) {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return "", fmt.Errorf("--web.listen-address %q: %w", listen, err)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	scheme := "http"
	if webConfig != "" {
		if scheme, err = schemeOf(webConfig); err != nil {
			return "", err
		}
	}
	return scheme + "://" + net.JoinHostPort(host, port), nil
}

// schemeOf says whether the web configuration turns TLS on.
func schemeOf(path string) (string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("--web.config.file: %w", err)
	}
	var c struct {
		TLS map[string]any `yaml:"tls_server_config"`
	}
	if err := yaml.Unmarshal(data, &c); err != nil {
		return "", fmt.Errorf("--web.config.file %s: %w", path, err)
	}
	if len(c.TLS) > 0 {
		return "https", nil
	}
	return "http", nil
}
