package session

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
)

// Origin is the identity of a lower file when the view copied it up, deleted or
// renamed it; one line of the log, which vfs/overlayfs writes. Times are ns since
// the epoch.
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
	// LowerNlink and LowerPath are of a file with several names: how many, and
	// the real path of the one that this line is about.
	LowerNlink uint32 `json:"lnlink,omitempty"`
	LowerPath  Path   `json:"lpath,omitempty"`
}

// ReadOrigins reads a log of origins, oldest first; none is an empty log. A
// line that a kill cut short is passed over.
func ReadOrigins(path string) ([]Origin, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var list []Origin
	r := bufio.NewReader(f)
	for {
		line, err := r.ReadBytes('\n')
		var o Origin
		if len(bytes.TrimSpace(line)) > 0 && json.Unmarshal(line, &o) == nil {
			list = append(list, o)
		}
		if err == io.EOF {
			return list, nil
		}
		if err != nil {
			return nil, err
		}
	}
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
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.Write(b.Bytes()); err != nil {
		return err
	}
	return f.Sync()
}
