package sysent

import (
	"slices"
	"sync"

	"github.com/veduta/veduta/arch"
)

// args is short for the rows of the table.
type args = [6]Role

// table is all rows, those of other CPUs as well.
var table = slices.Concat(paths, xattrs, descr, mounts, sockets, identity, tasks, uts, clocks, data, memory, waiting, plainTasks, ipc, removed, compat, long)

var byNumber = sync.OnceValue(func() *[arch.MaxCompat + 1]*Entry {
	var rows [arch.MaxCompat + 1]*Entry
	for _, list := range [][]Entry{table, otherwise, short} { // the last one counts
		for i := range list {
			if nr, ok := arch.Number(list[i].Name); ok && &list[0] == &table[0] {
				rows[nr] = &list[i]
			}
			if nr, ok := arch.CompatNumber(list[i].Name); ok {
				rows[nr] = &list[i]
			}
		}
	}
	return &rows
})

var shorts = sync.OnceValue(func() map[*Entry]bool {
	rows := map[*Entry]bool{}
	for i := range short {
		rows[&short[i]] = true
	}
	return rows
})

// ShortIDs tells that the ids of a call have 16 bits.
func (e *Entry) ShortIDs() bool { return shorts()[e] }

var byName = sync.OnceValue(func() map[string]*Entry {
	rows := make(map[string]*Entry, len(table))
	for i := range table {
		rows[table[i].Name] = &table[i]
	}
	return rows
})

// Lookup gives the row of a system call number of this CPU, or with arch.Compat
// added of its 32-bit table, nil if the table does not know it. A number of the x32 ABI is never known: it must not be
// taken for the call without the bit.
func Lookup(nr int) *Entry {
	if uint(nr) > arch.MaxCompat {
		return nil
	}
	return byNumber()[nr]
}

// ByName gives the row of a call by the kernel's name, nil if there is none.
// The row may be one that this CPU lacks (Number is -1 then).
func ByName(name string) *Entry { return byName()[name] }

// All lists the rows of this CPU in the order of their numbers.
func All() []*Entry {
	rows := make([]*Entry, 0, len(table))
	for _, nr := range Numbers(false) {
		rows = append(rows, Lookup(nr))
	}
	return rows
}

// Numbers lists the numbers that the table knows, of this CPU's calls or with
// arch.Compat added of the 32-bit ones.
func Numbers(abi arch.ABI) (list []int) {
	for nr, e := range byNumber() {
		if e != nil && arch.ABIOf(nr) == abi {
			list = append(list, nr)
		}
	}
	return list
}

// Otherwise lists the rows of 32-bit calls that have the name of another row.
func Otherwise() (rows []*Entry) {
	for _, list := range [][]Entry{otherwise, short} {
		for i := range list {
			rows = append(rows, &list[i])
		}
	}
	return rows
}

// Every lists the rows of all CPUs in the order of the table's files.
func Every() []*Entry {
	rows := make([]*Entry, len(table))
	for i := range table {
		rows[i] = &table[i]
	}
	return rows
}

// Number is the call's number on this CPU, or -1 if it has none.
func (e *Entry) Number() int {
	nr, _ := arch.Number(e.Name)
	return nr
}

// NArgs is how many arguments the call takes.
func (e *Entry) NArgs() int {
	for n := len(e.Args); n > 0; n-- {
		if e.Args[n-1] != None {
			return n
		}
	}
	return 0
}

// Concerns tells whether a view that binds a family may have to see the call:
// its own family, and PathName for all that carry a path or an address, which
// is a path in AF_UNIX.
func (e *Entry) Concerns(f Family) bool {
	if e.Family == f {
		return true
	}
	return f == PathName && slices.ContainsFunc(e.Args[:], carriesPath)
}

func carriesPath(r Role) bool {
	switch r {
	case Path, NewPath, Source, SockAddr, MsgHdr:
		return true
	}
	return false
}
