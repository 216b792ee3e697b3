package eventstore_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain also is the program that the crash test kills: "commit DIR".
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "commit" {
		commitForever(os.Args[2])
	}
	goleak.VerifyTestMain(m)
}
