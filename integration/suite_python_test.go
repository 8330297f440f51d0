package integration

import (
	_ "embed"
	"os"
	"regexp"
	"testing"
	"time"
)

// pythonModules are the modules of CPython's test suite that are about the
// kernel, but for test_ioctl, which wants a terminal that is its own.
var pythonModules = []struct {
	name  string
	quick bool
	flags []string
}{
	{name: "test_os", quick: true},
	{name: "test_posix", quick: true},
	{name: "test_asyncio"}, {name: "test_asyncore"}, {name: "test_bufio"}, {name: "test_cmd_line"},
	{name: "test_cmd_line_script"}, {name: "test_compileall"}, {name: "test_concurrent_futures"},
	{name: "test_dbm"}, {name: "test_eintr"}, {name: "test_epoll"}, {name: "test_faulthandler"},
	{name: "test_fcntl"}, {name: "test_file"}, {name: "test_file_eintr"}, {name: "test_filecmp"},
	{name: "test_fileio"}, {name: "test_fork1"}, {name: "test_genericpath"}, {name: "test_getpass"},
	{name: "test_glob"}, {name: "test_grp"}, {name: "test_gzip"}, {name: "test_httpservers"},
	{name: "test_import"}, {name: "test_importlib"}, {name: "test_io"},
	{name: "test_largefile"}, {name: "test_logging"}, {name: "test_mailbox"}, {name: "test_mmap"},
	{name: "test_multiprocessing_fork"}, {name: "test_multiprocessing_forkserver"},
	{name: "test_multiprocessing_main_handling"}, {name: "test_multiprocessing_spawn"},
	{name: "test_netrc"}, {name: "test_openpty"}, {name: "test_pathlib"}, {name: "test_platform"},
	{name: "test_poll"}, {name: "test_popen"}, {name: "test_posixpath"}, {name: "test_pty"},
	{name: "test_pwd"}, {name: "test_py_compile"}, {name: "test_readline"}, {name: "test_resource"},
	{name: "test_runpy"}, {name: "test_select"}, {name: "test_selectors"}, {name: "test_shutil"},
	{name: "test_signal"}, {name: "test_site"},
	// Connections by vsock wait for ever on a host that is a virtual machine,
	// and one test closes a socket in one thread while another asks its name.
	{name: "test_socket", flags: []string{"-i", "ThreadedVSOCK*", "-i", "testSourceAddress"}},
	{name: "test_socketserver", flags: []string{"-u", "network"}},
	{name: "test_ssl"}, {name: "test_stat"}, {name: "test_subprocess"}, {name: "test_sys"},
	{name: "test_tarfile"}, {name: "test_tempfile"}, {name: "test_thread"}, {name: "test_threadedtempfile"},
	{name: "test_threading"}, {name: "test_threadsignals"}, {name: "test_time"}, {name: "test_timeout"},
	{name: "test_tools"}, {name: "test_urllib"}, {name: "test_uuid"}, {name: "test_venv"},
	{name: "test_wait3"}, {name: "test_wait4"}, {name: "test_zipapp"}, {name: "test_zipfile"},
	{name: "test_zipimport"},
}

//go:embed testdata/suites/python.py
var pythonDriver string

const (
	python      = "/usr/bin/python3.11"
	pythonTests = "/usr/lib/python3.11/test/test_os.py"
)

func pythonSuites() (list []*suite) {
	for _, m := range pythonModules {
		argv := append([]string{python, "-c", pythonDriver, "--timeout", "840"}, m.flags...)
		list = append(list, &suite{
			name:  "python/" + m.name,
			quick: m.quick,
			prepare: func(t *testing.T) []errand {
				if _, err := os.Stat(pythonTests); err != nil {
					t.Skip(err)
				}
				return []errand{{argv: append(argv, m.name), patience: 15 * time.Minute}}
			},
			verdicts: pythonVerdicts,
		})
	}
	return list
}

// pythonLine is a line of the driver's.
var pythonLine = regexp.MustCompile(`\x16(start|pass|fail|skip) (\S+)`)

func pythonVerdicts(output string) verdicts {
	v := verdicts{}
	for _, m := range pythonLine.FindAllStringSubmatch(output, -1) {
		if m[1] == "start" {
			v[m[2]] = lost
		} else {
			v[m[2]] = verdict(m[1])
		}
	}
	return v
}
