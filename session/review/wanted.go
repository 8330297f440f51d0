package review

import "github.com/veduta/veduta/vfs"

// ids are a real user and group.
type ids struct{ uid, gid uint32 }

// wanted is the real owner that a file is to have. The view shows files of the
// real caller as the view's caller; backwards that is not unique, so
//
//   - whoever is shown as before (low, what the file was) stays who it was;
//   - the view's caller, in a directory of the real caller's, is the real caller:
//     a file in my home is mine, though I seemed to be root;
//   - any other is meant as it is.
func (w *walker) wanted(shown, low *vfs.Attr, dir ids) ids {
	o := w.r.owners
	if o.Native {
		return ids{shown.Uid, shown.Gid}
	}
	var was vfs.Attr
	if low != nil {
		was = *low
		o.Map(&was)
	}
	mine := dir.uid == o.RealUID
	return ids{
		uid: back(shown.Uid, o.ViewUID, o.RealUID, mine, low != nil && was.Uid == shown.Uid, lowUID(low)),
		gid: back(shown.Gid, o.ViewGID, o.RealGID, mine, low != nil && was.Gid == shown.Gid, lowGID(low)),
	}
}

func back(shown, view, real uint32, mine, same bool, low uint32) uint32 {
	switch {
	case same:
		return low
	case shown == view && mine:
		return real
	}
	return shown
}

func lowUID(a *vfs.Attr) uint32 {
	if a == nil {
		return 0
	}
	return a.Uid
}

func lowGID(a *vfs.Attr) uint32 {
	if a == nil {
		return 0
	}
	return a.Gid
}
