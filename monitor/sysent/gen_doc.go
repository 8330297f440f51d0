//go:build ignore

// Gen_doc writes doc/SYSCALLS.md from the table.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"log"
	"os"
	"strconv"
	"strings"

	"github.com/veduta/veduta/arch"
	"github.com/veduta/veduta/monitor/sysent"
)

const head = `<!-- Code generated from monitor/sysent; DO NOT EDIT. -->
# System calls

What Veduta knows of each system call: the part of a view it concerns, the operation it spells, and what its
arguments are. A call is trapped only where a view binds its family; a number that is not here answers ENOSYS.
Names and numbers are the kernel's; "–" means that a CPU lacks the call. i386 is the table of 32-bit programs on
amd64, and of ` + "`int $0x80`" + ` in others.
`

const columns = "| call | amd64 | arm64 | i386 | operation | arguments | note |\n|---|---:|---:|---:|---|---|---|\n"

const otherwise = `
## 32-bit calls that differ

Calls of the i386 table with the name of one above and other arguments. Ids in them have 16 bits.

`

var families = []struct {
	family sysent.Family
	what   string
}{
	{sysent.Lifecycle, "Making and ending tasks. The monitor itself sees these."},
	{sysent.PathName, "Calls that resolve a path, or answer one."},
	{sysent.Descr, "What belongs to the file behind a descriptor, except its data."},
	{sysent.Mount, "The mount tree, the root, quotas."},
	{sysent.Identity, "Ids, groups, capabilities, and what needs one."},
	{sysent.Net, "Sockets."},
	{sysent.UTS, "The names of the host."},
	{sysent.Clock, "Absolute time."},
	{sysent.Tracer, "Looking into other tasks."},
	{sysent.Filter, "Ways around a filter."},
	{sysent.Plain, "Never trapped: the kernel does these as they are."},
}

func main() {
	log.SetFlags(0)
	out := flag.String("o", "SYSCALLS.md", "file to write")
	flag.Parse()
	if err := os.WriteFile(*out, document(), 0o644); err != nil {
		log.Fatal(err)
	}
}

func document() []byte {
	var b bytes.Buffer
	b.WriteString(head)
	rows := 0
	for _, f := range families {
		fmt.Fprintf(&b, "\n## %v\n\n%s\n\n", f.family, f.what)
		b.WriteString(columns)
		for _, e := range sysent.Every() {
			if e.Family == f.family {
				b.WriteString(row(e, number("amd64", e.Name), number("arm64", e.Name), i386(e)))
				rows++
			}
		}
	}
	b.WriteString(otherwise + columns)
	for _, e := range sysent.Otherwise() {
		b.WriteString(row(e, "–", "–", number("386", e.Name)))
	}
	if rows != len(sysent.Every()) {
		log.Fatalf("%d rows of %d: a family is missing here", rows, len(sysent.Every()))
	}
	return b.Bytes()
}

// i386 is the number of a row that is the 32-bit call's as well.
func i386(e *sysent.Entry) string {
	for _, o := range sysent.Otherwise() {
		if o.Name == e.Name {
			return "–"
		}
	}
	return number("386", e.Name)
}

func row(e *sysent.Entry, amd64, arm64, i386 string) string {
	op := "–"
	if e.Op != sysent.OpNone {
		op = e.Op.String()
	}
	var args []string
	for _, a := range e.Args[:e.NArgs()] {
		args = append(args, a.String())
	}
	note := e.Note
	if e.Implied != 0 {
		note = strings.TrimPrefix(note+fmt.Sprintf("; implies flags %#x", e.Implied), "; ")
	}
	return fmt.Sprintf("| %s | %s | %s | %s | %s | %s | %s |\n",
		e.Name, amd64, arm64, i386, op, strings.Join(args, ", "), note)
}

func number(goarch, name string) string {
	nr, ok := arch.NumberOn(goarch, name)
	if !ok {
		return "–"
	}
	return strconv.Itoa(nr)
}
