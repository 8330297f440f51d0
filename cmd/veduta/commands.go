package main

// commands lists what the command line knows.
func commands() []command {
	return []command{
		{"run", "[VIEW…] [--] CMD [ARG…]", "run a command in a view", []example{
			{"veduta run --hostname lab -- bash", "another host name, all else is real"},
			{"veduta run --cow -- make install", "what it writes is thrown away"},
			{"veduta run -0 --session web -- CMD", "as root; the layer is kept as web"},
		}, runCommand},
		{"try", "[VIEW…] [--] CMD [ARG…]", "run over a copy-on-write layer on /, then ask", []example{
			{"veduta try -- make install", "see what it changes, then decide"},
			{"veduta try -0 -- apt-get install -y hello", "as root that one is not"},
			{"veduta try --on-exit keep -- CMD", "no question: decide later"},
		}, tryCommand},
		{"diff", "[SESSION] [PATH…]", "what a session changed, file by file", []example{
			{"veduta diff", "all that the latest session changed"},
			{"veduta diff web /etc '/usr/**/*.so'", "only there"},
		}, diffCommand},
		{"status", "[SESSION] [PATH…]", "the same in short, directories folded", []example{
			{"veduta status", "of the latest session"},
			{"veduta status --json web", "for programs"},
		}, statusCommand},
		{"commit", "[SESSION] [PATH…]", "make the changes to the real file system", []example{
			{"veduta commit", "all changes of the latest session"},
			{"veduta commit web /etc/nginx", "some of them; the rest stays in the session"},
			{"veduta commit -i", "ask for each"},
		}, commitCommand},
		{"discard", "[SESSION] [PATH…]", "drop a session, or its changes to PATH", []example{
			{"veduta discard web", "the session is gone"},
			{"veduta discard web '/var/log/**'", "drop these changes, keep the others"},
		}, discardCommand},
		{"undo", "[SESSION]", "take the last commit back", []example{
			{"veduta undo", "of the latest session"},
		}, undoCommand},
		{"ls", "", "list the sessions", []example{
			{"veduta ls", "the oldest first"},
			{"veduta ls -z | xargs -0n1 veduta discard", "drop all that are not in use"},
		}, lsCommand},
		{"ps", "", "list the running views and who lives in them", []example{
			{"veduta ps", "also inside a view"},
			{"veduta ps --json", "for programs"},
		}, psCommand},
		{"mount", "[VIEW] [SRC DST]", "mount in a running view; list its mounts", []example{
			{"veduta mount web /src /mnt", "web is a session's name or a process id"},
			{"veduta mount --tmpfs /tmp", "flags as of run"},
			{"veduta mount", "list; in the view that one stands in"},
		}, mountCommand},
		{"umount", "[VIEW] DST", "take a mount away from a running view", []example{
			{"veduta umount web /mnt", "unless it is in use"},
		}, umountCommand},
		{"doctor", "", "try what kernel and container let us do", []example{
			{"veduta doctor", "status 0 if a view can be run"},
		}, doctorCommand},
		{"modules", "", "list what a view can virtualize", []example{
			{"veduta modules", "their names are those in messages"},
		}, modulesCommand},
		{"completion", "bash|zsh|fish", "write a shell's completion", []example{
			{". <(veduta completion bash)", "for this shell; zsh likewise"},
			{"veduta completion fish | source", "for fish"},
		}, completionCommand},
		{"version", "", "say which veduta this is", []example{
			{"veduta version --json", "for programs"},
		}, versionCommand},
	}
}
