package binfmt

import "bytes"

// scriptHeader takes what follows "#!" apart as load_script does
// (fs/binfmt_script.c): one interpreter and at most one argument, which may be
// empty. The kernel looks at a buffer filled up with NULs; the last byte of one
// without a newline does not count.
func scriptHeader(b []byte) Header {
	var buf [headerSize - 2]byte
	n := copy(buf[:], b)
	line, _, whole := bytes.Cut(buf[:n], []byte{'\n'})
	if i := bytes.IndexByte(line, 0); i >= 0 {
		whole = false // the newline is behind the end of the text
	}
	if !whole {
		line = buf[:]
		name := bytes.TrimLeft(line, " \t")
		if len(name) == 0 || !bytes.ContainsAny(name, " \t\x00") {
			return Header{} // the name may go on: ENOEXEC
		}
		line = line[:len(line)-1]
	}
	line = bytes.Trim(line, " \t")
	h := Header{Kind: Script}
	i := bytes.IndexAny(line, " \t\x00")
	if i < 0 {
		h.Interp = string(line)
	} else {
		h.Interp = string(line[:i])
		if line[i] != 0 {
			arg, _, _ := bytes.Cut(bytes.TrimLeft(line[i:], " \t"), []byte{0})
			h.Arg, h.HasArg = string(arg), true
		}
	}
	if h.Interp == "" {
		return Header{}
	}
	return h
}
