package vfs

// Class says who decides about the names in one directory (DESIGN.md,
// "Directory records").
type Class uint8

const (
	// ClassReal is the host's own directory at its own path.
	ClassReal Class = iota
	// ClassBacked is one host directory at another path: everything in it may
	// be left to the kernel once the path is rewritten.
	ClassBacked
	// ClassLower is an overlay directory without a counterpart in the upper
	// layer: reads go to the kernel, changes to the file system.
	ClassLower
	// ClassMerged is made of several layers: the file system decides.
	ClassMerged
	// ClassVirtual has no host directory.
	ClassVirtual
)

// told says that the tree hears of every file that guests make in such a
// directory.
func (c Class) told() bool { return c == ClassLower || c == ClassMerged }

func (c Class) String() string {
	return [...]string{"real", "backed", "lower", "merged", "virtual"}[c]
}

// Flags refine a class.
type Flags uint8

const (
	// AttrsDiffer: owners, modes or numbers shown somewhere in the directory
	// differ from those of the backing files, so stat must be answered.
	AttrsDiffer Flags = 1 << iota
	// MountBelow: a mount lies on a name in the directory.
	MountBelow
	// ReadOnly: every change answers EROFS.
	ReadOnly
	// Magic: a procfs directory, whose links may jump (proc(5), magic links).
	Magic
	// Inherits: new files belong to the directory's group, and the backing
	// directory does not see to it by itself.
	Inherits
	// Shared: another mount shows the host directory as well, so that a
	// descriptor does not tell by itself which of them it was opened in.
	Shared
	// StandIns: plain files in it may stand for devices, so that the kernel's
	// list tells wrong types.
	StandIns
)

// Record is the decision about one directory. It is a value: when the name
// space changes, a new one takes its place.
type Record struct {
	Class Class
	Flags Flags
	// Dev and Ino identify the host directory that a guest's descriptor of
	// this directory refers to (the upper one where layers merge).
	Dev, Ino uint64
	// AltDev and AltIno identify a second host directory that descriptors
	// opened earlier may refer to: the lower one of a merged directory.
	AltDev, AltIno uint64
	// Host is the path of the host directory Dev/Ino; empty if virtual.
	Host string
}
