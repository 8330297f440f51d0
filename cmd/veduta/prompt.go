package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
)

// prompt asks questions that one key and Enter answer.
type prompt struct {
	in  *bufio.Reader
	out io.Writer
}

func newPrompt() *prompt { return &prompt{bufio.NewReader(os.Stdin), os.Stderr} }

// ask repeats a question until the answer begins with one of the keys. Enter
// alone, or the end of input, is the default.
func (p *prompt) ask(question, keys, def string) string {
	for {
		fmt.Fprint(p.out, question)
		line, err := p.in.ReadString('\n')
		line = strings.ToLower(strings.TrimSpace(line))
		switch {
		case err != nil && line == "":
			fmt.Fprintln(p.out)
			return def
		case line == "":
			return def
		case strings.Contains(keys, line[:1]):
			return line[:1]
		case err != nil:
			return def
		}
	}
}

// canAsk tells whether somebody is there to be asked.
func canAsk() bool { return isTerminal(os.Stdin) && isTerminal(os.Stderr) }
