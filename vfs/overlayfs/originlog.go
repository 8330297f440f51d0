package overlayfs

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
)

// Origin is the identity of a lower file when it was copied up, deleted or
// renamed: one line of the log. Times are ns since the epoch.
type Origin struct {
	// Path of the file in the view at that moment.
	Path Path `json:"path"`
	// Dev, Ino and Btime name the upper file that it was copied to; 0 where it
	// was deleted. They stay true when the file is renamed.
	Dev   uint64 `json:"dev"`
	Ino   uint64 `json:"ino"`
	Btime int64  `json:"btime"`
	// The lower file: device, inode, times, size and mode.
	LowerDev   uint64 `json:"ldev"`
	LowerIno   uint64 `json:"lino"`
	LowerCtime int64  `json:"lctime"`
	LowerMtime int64  `json:"lmtime"`
	LowerSize  int64  `json:"lsize"`
	LowerMode  uint32 `json:"lmode"`
	LowerBtime int64  `json:"lbtime,omitempty"` // 0 where it is not known
	// LowerNlink and LowerPath let links be counted: how many names the lower
	// file had, and the real path of the one that this line takes over. Not
	// there where it had one.
	LowerNlink uint32 `json:"lnlink,omitempty"`
	LowerPath  Path   `json:"lpath,omitempty"`
	// Redirect: the line is about a renamed directory.
	Redirect bool `json:"redirect,omitempty"`
}

// ReadOrigins reads a log of origins, oldest first; none is an empty log. A
// line that a kill cut short is passed over.
func ReadOrigins(path string) ([]Origin, error) {
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var list []Origin
	for line := range bytes.Lines(data) {
		var o Origin
		if json.Unmarshal(line, &o) == nil {
			list = append(list, o)
		}
	}
	return list, nil
}

// AppendOrigins adds to a log of origins; of lines about one path the last counts.
func AppendOrigins(path string, list []Origin) error {
	if len(list) == 0 {
		return nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	for _, o := range list {
		if err := e.Encode(o); err != nil {
			return err
		}
	}
	f, err := openLog(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.Write(b.Bytes()); err != nil {
		return err
	}
	return f.Sync()
}

// openLog opens a log to be added to, and ends a line that a kill cut short,
// lest the next be lost with it.
func openLog(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	var last [1]byte
	end, err := f.Seek(0, io.SeekEnd)
	if err == nil && end > 0 {
		_, err = f.ReadAt(last[:], end-1)
	}
	if err == nil && end > 0 && last[0] != '\n' {
		_, err = f.WriteString("\n")
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
