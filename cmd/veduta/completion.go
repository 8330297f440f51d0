package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/pflag"
)

func completionCommand() (*pflag.FlagSet, action) {
	f := newFlags("completion")
	return f, func(args []string) (int, error) {
		writers := map[string]func() string{"bash": bashCompletion, "zsh": zshCompletion, "fish": fishCompletion}
		if len(args) != 1 || writers[args[0]] == nil {
			return 0, errors.New("completion: want bash, zsh or fish")
		}
		_, err := os.Stdout.WriteString(writers[args[0]]())
		return 0, err
	}
}

const bashTemplate = `_veduta() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} cmd=${COMP_WORDS[1]} flags
	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		COMPREPLY=($(compgen -W "%s" -- "$cur"))
		return
	fi
	case $prev in
%s	esac
	case $cmd in
%s	esac
	case $cur in
	-*) COMPREPLY=($(compgen -W "$flags" -- "$cur")); return ;;
	esac
	case $cmd in
	run|try) COMPREPLY=($(compgen -c -- "$cur") $(compgen -f -- "$cur")) ;;
	completion) COMPREPLY=($(compgen -W "bash zsh fish" -- "$cur")) ;;
	%s) COMPREPLY=($(compgen -W "$(veduta ls -q 2>/dev/null)" -- "$cur") $(compgen -f -- "$cur")) ;;
	esac
}
complete -o filenames -F _veduta veduta
`

func bashCompletion() string {
	var names, sessions []string
	var values, flags strings.Builder
	seen := map[string]bool{}
	for _, c := range commands() {
		names = append(names, c.name)
		if strings.HasPrefix(c.args, "[SESSION]") {
			sessions = append(sessions, c.name)
		}
		var list []string
		c.eachFlag(func(f *pflag.Flag) {
			list = append(list, "--"+f.Name)
			if f.Shorthand != "" {
				list = append(list, "-"+f.Shorthand)
			}
			if words := flagValues(f); words != "" && !seen[f.Name] {
				seen[f.Name] = true
				fmt.Fprintf(&values, "\t--%s) COMPREPLY=($(compgen -W \"%s\" -- \"$cur\")); return ;;\n", f.Name, words)
			}
		})
		fmt.Fprintf(&flags, "\t%s) flags=\"%s\" ;;\n", c.name, strings.Join(list, " "))
	}
	return fmt.Sprintf(bashTemplate, strings.Join(names, " "), values.String(), flags.String(), strings.Join(sessions, "|"))
}

// zshCompletion goes by zsh's own emulation of bash's.
func zshCompletion() string {
	return "autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n" + bashCompletion()
}

func fishCompletion() string {
	var b strings.Builder
	fmt.Fprintln(&b, "complete -c veduta -n __fish_use_subcommand -f")
	for _, c := range commands() {
		fmt.Fprintf(&b, "complete -c veduta -n __fish_use_subcommand -f -a %s -d %s\n", c.name, fishQuote(c.help))
		in := fmt.Sprintf("complete -c veduta -n '__fish_seen_subcommand_from %s'", c.name)
		if strings.HasPrefix(c.args, "[SESSION]") {
			fmt.Fprintf(&b, "%s -a '(veduta ls -q 2>/dev/null)'\n", in)
		}
		c.eachFlag(func(f *pflag.Flag) {
			line := in + " -l " + f.Name
			if f.Shorthand != "" {
				line += " -s " + f.Shorthand
			}
			if words := flagValues(f); words != "" {
				line += " -x -a '" + words + "'"
			} else if f.NoOptDefVal == "" {
				line += " -r"
			}
			_, says := flagWords(f)
			fmt.Fprintf(&b, "%s -d %s\n", line, fishQuote(says))
		})
	}
	fmt.Fprintln(&b, "complete -c veduta -n '__fish_seen_subcommand_from run try' -a '(__fish_complete_command)'")
	fmt.Fprintln(&b, "complete -c veduta -n '__fish_seen_subcommand_from completion' -f -a 'bash zsh fish'")
	return b.String()
}

func fishQuote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

// eachFlag visits the flags that help shows.
func (c *command) eachFlag(visit func(*pflag.Flag)) {
	flags, _ := c.setup()
	flags.VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			visit(f)
		}
	})
}

// flagValues are the words that a flag takes, as shells expand them.
func flagValues(f *pflag.Flag) string {
	if c, ok := f.Value.(choice); ok {
		return strings.Join(c.options, " ")
	}
	if f.Name == "session" {
		return "$(veduta ls -q 2>/dev/null)"
	}
	return ""
}
