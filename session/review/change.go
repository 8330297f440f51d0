package review

import (
	"github.com/veduta/veduta/session"
	"github.com/veduta/veduta/vfs/overlayfs"
	"golang.org/x/sys/unix"
)

// Kind says in one letter what became of a path.
type Kind string

const (
	Added    Kind = "A"
	Modified Kind = "M"
	Deleted  Kind = "D"
	Retyped  Kind = "T" // another type of file than before
	Renamed  Kind = "R" // with all that is in it, if a directory
)

// Change is what became of one path.
type Change struct {
	// Path is the real path; for a path in a renamed directory the one that it
	// gets.
	Path session.Path `json:"path"`
	Kind Kind         `json:"kind"`
	// From is where a renamed file, or one in a renamed directory, is now.
	From session.Path `json:"from,omitempty"`
	// Type is file, dir, link, char, block, fifo or socket; of a deleted file
	// what it was. OldType is set if another type of file is replaced.
	Type    string `json:"type"`
	OldType string `json:"oldType,omitempty"`
	// Content: the data differ, or the target of a link, or the device.
	Content bool `json:"content,omitempty"`
	// Size in bytes; OldSize of the file that is there now.
	Size    int64 `json:"size"`
	OldSize int64 `json:"oldSize,omitempty"`
	// Target of a symbolic link.
	Target    session.Path `json:"target,omitempty"`
	OldTarget session.Path `json:"oldTarget,omitempty"`
	// Mode is the permission and set-id bits, UID and GID the owner that a
	// commit with the right to give files away will set; of a deleted file
	// what it has.
	Mode uint32 `json:"mode"`
	UID  uint32 `json:"uid"`
	GID  uint32 `json:"gid"`
	// Rdev is the number of a device.
	Rdev uint64 `json:"rdev,omitempty"`
	// What differs of the attributes, nil or empty if nothing does.
	ModeChange  *ModeChange   `json:"modeChange,omitempty"`
	OwnerChange *OwnerChange  `json:"ownerChange,omitempty"`
	XattrChange []XattrChange `json:"xattrChange,omitempty"`
	TimesChange *TimesChange  `json:"timesChange,omitempty"`
	// Links are the paths that the change makes one file with this one; set if
	// they are not yet.
	Links      []session.Path `json:"links,omitempty"`
	LinkChange bool           `json:"linkChange,omitempty"`
	// OtherLinks is how many further names the file has below that the layer
	// does not hold; the view shows the change by them, too.
	OtherLinks int `json:"otherLinks,omitempty"`
	// Unseen: the directory that lies below could not be read, so this is not
	// all there is to say.
	Unseen bool `json:"unseen,omitempty"`

	n      *node
	base   string // real path compared with; "" if there is none
	layer  *layer
	dir    string  // real directory that it is in now; "" if that is new
	parent *Change // the added, retyped or renamed directory that it is in
	under  *Change // the change that takes along what this deletes
	group  []*linkedNode
	alias  *Change // see (*walker).adopt
	needs  string  // real path by which the file is known that this changes
	hider  *node   // what stands where a rename took this from
	hidden *node   // the opaque directory that hides it there
	origin *overlayfs.Origin
}

// ModeChange tells of permission and set-id bits.
type ModeChange struct {
	Old uint32 `json:"old"`
	New uint32 `json:"new"`
}

// OwnerChange tells of user and group.
type OwnerChange struct {
	OldUID uint32 `json:"oldUID"`
	OldGID uint32 `json:"oldGID"`
	NewUID uint32 `json:"newUID"`
	NewGID uint32 `json:"newGID"`
}

// XattrChange tells of one extended attribute; nil means none.
type XattrChange struct {
	Name string `json:"name"`
	Old  []byte `json:"old"`
	New  []byte `json:"new"`
}

// TimesChange tells of the modification time, in ns since the epoch.
type TimesChange struct {
	Old int64 `json:"old"`
	New int64 `json:"new"`
}

// TimesOnly tells that nothing but the modification time differs, which
// listings leave out unless asked.
func (c *Change) TimesOnly() bool {
	return c.Kind == Modified && !c.Content && !c.LinkChange && !c.Unseen &&
		c.ModeChange == nil && c.OwnerChange == nil && len(c.XattrChange) == 0
}

// Visible leaves out what differs by its times only.
func Visible(changes []*Change) []*Change {
	var list []*Change
	for _, c := range changes {
		if !c.TimesOnly() {
			list = append(list, c)
		}
	}
	return list
}

func (c *Change) isDir() bool { return c.Type == typeDir }

// moves tells that the change is a directory moved with all that is in it; a
// renamed file is an added one and a deleted one.
func (c *Change) moves() bool { return c.Kind == Renamed && c.isDir() }

const typeDir = "dir"

var typeNames = map[uint32]string{
	unix.S_IFREG: "file", unix.S_IFDIR: typeDir, unix.S_IFLNK: "link", unix.S_IFCHR: "char",
	unix.S_IFBLK: "block", unix.S_IFIFO: "fifo", unix.S_IFSOCK: "socket",
}
