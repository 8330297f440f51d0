package tmpfs

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// pageSize is the size of the blocks that statfs(2) counts, in bytes.
const pageSize = 4096

// Options are those of tmpfs(5). Sizes are told, and not kept to.
type Options struct {
	Mode     uint32 // of the root directory, if Modal; else it is DefaultMode
	UID, GID uint32 // of the root directory, in ids of the view
	// Blocks are pages, Inodes files at most; 0 with Sized or Counted is no
	// bound, without it the kernel's own default.
	Blocks, Inodes        uint64
	Sized, Counted, Modal bool
}

// Set takes one option, KEY or KEY=VALUE, as the kernel does. EINVAL; known is
// false for one that there is not.
func (o *Options) Set(option string) (known bool, err error) {
	key, value, valued := strings.Cut(option, "=")
	switch key {
	case "inode32", "inode64", "noswap":
		return true, invalid(!valued)
	case "huge", "mpol":
		return true, invalid(valued)
	case "mode":
		n, err := strconv.ParseUint(value, 8, 32)
		o.Mode, o.Modal = uint32(n)&0o7777, true
		return true, invalid(err == nil)
	case "uid", "gid":
		n, err := strconv.ParseUint(value, 0, 32)
		if key == "uid" {
			o.UID = uint32(n)
		} else {
			o.GID = uint32(n)
		}
		return true, invalid(err == nil && n != math.MaxUint32)
	case "size":
		n, ok := size(value, true)
		o.Blocks, o.Sized = (n+pageSize-1)/pageSize, true
		return true, invalid(ok && valued)
	case "nr_blocks":
		n, ok := size(value, false)
		o.Blocks, o.Sized = n, true
		return true, invalid(ok && valued)
	case "nr_inodes":
		n, ok := size(value, false)
		o.Inodes, o.Counted = n, true
		return true, invalid(ok && valued)
	}
	return false, unix.EINVAL
}

func invalid(ok bool) error {
	if !ok {
		return unix.EINVAL
	}
	return nil
}

// size reads a number with a suffix (memparse in lib/cmdline.c), or with percent
// one of the memory that there is, in bytes.
func size(text string, percent bool) (uint64, bool) {
	if rest, ok := strings.CutSuffix(text, "%"); ok && percent {
		n, err := strconv.ParseUint(rest, 0, 32)
		return n * pageSize * pages() / 100, err == nil
	}
	shift := 0
	if text != "" {
		i := strings.IndexByte("KMGTPE", text[len(text)-1]&^0x20)
		if i >= 0 {
			text, shift = text[:len(text)-1], 10*(i+1)
		}
	}
	n, err := strconv.ParseUint(text, 0, 64)
	return n << shift, err == nil
}

// pages is how much memory there is.
func pages() uint64 {
	var info unix.Sysinfo_t
	if unix.Sysinfo(&info) != nil {
		return 0
	}
	return uint64(info.Totalram) * uint64(info.Unit) / pageSize
}

// settled has the kernel's defaults where nothing was asked for.
func (o Options) settled() Options {
	if !o.Sized {
		o.Blocks = pages() / 2
	}
	if !o.Counted {
		o.Inodes = pages() / 2
	}
	if !o.Modal {
		o.Mode = DefaultMode
	}
	return o
}

// String are the options as mountinfo tells them (shmem_show_options in
// mm/shmem.c).
func (o Options) String() string {
	var list []string
	if o.Sized {
		list = append(list, fmt.Sprintf("size=%dk", o.Blocks*pageSize/1024))
	}
	if o.Counted {
		list = append(list, fmt.Sprintf("nr_inodes=%d", o.Inodes))
	}
	if o.Mode != DefaultMode {
		list = append(list, fmt.Sprintf("mode=%03o", o.Mode))
	}
	if o.UID != 0 {
		list = append(list, fmt.Sprintf("uid=%d", o.UID))
	}
	if o.GID != 0 {
		list = append(list, fmt.Sprintf("gid=%d", o.GID))
	}
	return strings.Join(list, ",")
}
