package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// environ is the environment of the command.
func (f *viewFlags) environ(session string) ([]string, error) {
	env := os.Environ()
	for _, name := range f.envFile {
		file, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("--env-file: %w", err)
		}
		lines := bufio.NewScanner(file)
		for lines.Scan() {
			if l := strings.TrimSpace(lines.Text()); l != "" && l[0] != '#' {
				env = setenv(env, l)
			}
		}
		file.Close()
	}
	for _, e := range f.env {
		env = setenv(env, e)
	}
	if session == "" {
		session = "-"
	}
	return setenv(env, "VEDUTA_VIEW="+session), nil
}

// setenv sets K=V; a K alone passes the caller's value on.
func setenv(env []string, kv string) []string {
	k, _, set := strings.Cut(kv, "=")
	if !set {
		v, ok := os.LookupEnv(k)
		if !ok {
			return env
		}
		kv = k + "=" + v
	}
	for i, e := range env {
		if strings.HasPrefix(e, k+"=") {
			env[i] = kv
			return env
		}
	}
	return append(env, kv)
}

func getenv(env []string, k string) string {
	for _, e := range env {
		if v, ok := strings.CutPrefix(e, k+"="); ok {
			return v
		}
	}
	return ""
}

// defaultPath is where commands are searched without a PATH, as execvp(3)
// does.
const defaultPath = "/bin:/usr/bin"

// candidates are the paths that a command's name may mean.
func candidates(name string, env []string) []string {
	if strings.Contains(name, "/") {
		return []string{name}
	}
	path := getenv(env, "PATH")
	if path == "" {
		path = defaultPath
	}
	var out []string
	for _, d := range filepath.SplitList(path) {
		if d == "" {
			d = "."
		}
		out = append(out, strings.TrimSuffix(d, "/")+"/"+name)
	}
	return out
}

// argv is the command to run: entry point, shell string, or the default shell.
func (f *viewFlags) argv(rest []string, env []string) []string {
	shell := getenv(env, "SHELL")
	if shell == "" {
		shell = "/bin/sh"
	}
	switch {
	case f.entrypoint != "":
		return append([]string{f.entrypoint}, rest...)
	case f.shell != "":
		return append([]string{"/bin/sh", "-c", f.shell}, rest...)
	case len(rest) == 0:
		return []string{shell}
	}
	return rest
}
