package apiclient

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
)

var (
	errNoAnswer = errors.New("the connection broke off before an answer came")
	errCutShort = errors.New("the answer broke off")
	errTooSlow  = errors.New("no complete answer in time")
)

// broken is the error of an exchange that brought no answer.
func broken(endpoint Endpoint, err error) *Error {
	if timedOut(err) {
		return &Error{Kind: Timeout, Endpoint: endpoint, Err: errTooSlow}
	}
	return &Error{Kind: Unreachable, Endpoint: endpoint, Err: plain(err)}
}

// brokenBody is the error of an exchange whose answer began and did not end well.
func brokenBody(endpoint Endpoint, err error) *Error {
	var network *net.OpError
	switch {
	case timedOut(err):
		return &Error{Kind: Timeout, Endpoint: endpoint, Err: errTooSlow}
	case errors.As(err, &network):
		return &Error{Kind: Unreachable, Endpoint: endpoint, Err: network}
	}
	return &Error{Kind: BadAnswer, Endpoint: endpoint, Err: errCutShort}
}

func timedOut(err error) bool {
	var network net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &network) && network.Timeout()
}

// plain gives the cause of err where that is known to speak of the network alone. Other
// errors of net/http may quote addresses with parameters, or what a server sent, which
// belongs in no log.
func plain(err error) error {
	var (
		dns       *net.DNSError
		network   *net.OpError
		authority x509.UnknownAuthorityError
		hostname  x509.HostnameError
		invalid   x509.CertificateInvalidError
		alert     tls.AlertError
		record    tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &dns):
		return dns
	case errors.As(err, &authority):
		return authority
	case errors.As(err, &hostname):
		return hostname
	case errors.As(err, &invalid):
		return invalid
	case errors.As(err, &alert):
		return alert
	case errors.As(err, &record):
		return errors.New("the server does not speak TLS")
	case errors.As(err, &network):
		return network
	}
	return errNoAnswer
}
