package cli

import (
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/alecthomas/kingpin/v2"
)

// Blame names the flag, or the variable of the environment, that an error of parsing the
// command line is about, which the parser leaves out.
func Blame(app *kingpin.Application, args []string, err error) error {
	seek := fmt.Sprintf("; see %s --help", app.Name)
	parsed, perr := app.ParseContext(args)
	if perr != nil || parsed == nil {
		return fmt.Errorf("%w%s", err, seek)
	}
	given := map[string]bool{}
	for _, e := range parsed.Elements {
		flag, ok := e.Clause.(*kingpin.FlagClause)
		if !ok || e.Value == nil {
			continue
		}
		given[flag.Model().Name] = true
		if err := refused(flag.Model(), *e.Value); err != nil {
			return fmt.Errorf("--%s: %w%s", flag.Model().Name, err, seek)
		}
	}
	for _, flag := range app.Model().Flags {
		value := os.Getenv(flag.Envar)
		if flag.Envar == "" || value == "" || given[flag.Name] {
			continue
		}
		if err := refused(flag, value); err != nil {
			return fmt.Errorf("%s in the environment: %w%s", flag.Envar, err, seek)
		}
	}
	return fmt.Errorf("%w%s", err, seek)
}

// refused says why a flag does not take a value.
func refused(flag *kingpin.FlagModel, value string) error {
	err := flag.Value.Set(value)
	var number *strconv.NumError
	switch {
	case !errors.As(err, &number):
		return err
	case number.Func == "ParseBool":
		return fmt.Errorf("%q is neither true nor false", value)
	case errors.Is(err, strconv.ErrRange):
		return fmt.Errorf("%s is too large", value)
	default:
		return fmt.Errorf("%q is not a whole number such as %s", value, example(flag))
	}
}

func example(flag *kingpin.FlagModel) string {
	if len(flag.Default) > 0 {
		return flag.Default[0]
	}
	return "1"
}
