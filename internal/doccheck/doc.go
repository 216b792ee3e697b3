// Package doccheck holds the documentation against the program: flags, metrics, links and
// the configuration that README shows. It consists of tests only.
package doccheck
