package main

// commands lists what the command line knows.
func commands() []command {
	return []command{
		{"run", "run [VIEW…] [--] CMD [ARG…]", "run a command in a view", runCommand},
		{"try", "try [VIEW…] [--] CMD [ARG…]", "run over a copy-on-write layer on /, then ask", tryCommand},
	}
}
