package overlayfs

import (
	"fmt"

	"github.com/veduta/veduta/hostpath"
)

// indexName is the link to a copied-up file under which its other lower names
// find it.
func (f *FS) indexName(o *Origin) string {
	return fmt.Sprintf("%s/%x-%x-%x", f.index, o.LowerDev, o.LowerIno, o.LowerBtime)
}

// linkIndex gives a file that has been copied up under another name this name
// in the upper layer as well.
func (f *FS) linkIndex(r *found) error {
	dir, base := split(r.path)
	n, err := f.upperDir(dir)
	if err != nil {
		return err
	}
	low, err := f.below(&r.place)
	if err != nil {
		return err
	}
	if err := f.origins.add(f.originOf(r.path, &low.raw, low.host, &r.raw)); err != nil {
		return err
	}
	host := f.upper(r.path)
	keep := keepTimes(f.upper(dir))
	if err := hostpath.Link(r.host, host); err != nil {
		return err
	}
	keep()
	n.covered[base] = struct{}{}
	r.node, r.at, r.rest = n, len(r.path)-len(base)-1, "/"+base
	r.host, r.layer = host, inUpper
	return f.markImpure(n)
}

// markImpure notes that a directory holds files that came from below, whose
// numbers are not those of their backing files. The kernel takes it as a hint
// for its listings; to us it says that a pure directory is not a backed one.
func (f *FS) markImpure(n *node) error {
	if n.impure {
		return nil
	}
	p := n.path()
	if err := setMark(f.upper(p), xattrImpure, "y"); err != nil {
		return err
	}
	n.impure = true
	if n.pure() {
		f.tell(p)
	}
	return nil
}

// markNodes notes that a directory holds devices that are plain files below,
// as which the kernel would list them.
func (f *FS) markNodes(n *node) error {
	if n.nodes {
		return nil
	}
	if err := setMark(f.upper(n.path()), xattrNodes, "y"); err != nil {
		return err
	}
	n.nodes = true
	return f.markImpure(n)
}
