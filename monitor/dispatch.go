package monitor

import (
	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
	"github.com/veduta/veduta/hostpath"
	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
)

const maxOps = 256

// route is how one operation is answered.
type route struct {
	handle func(*call) ptrace.Verdict
	// rewrites: the answer may need the guest's registers changed, which
	// only trace can do.
	rewrites bool
	// waits: the kernel may let a signal end the call.
	waits bool
}

// routes is the one list of what is handled; the filter follows from it.
var routes = [maxOps]route{
	sysent.OpOpen:          {handle: (*call).open, waits: true},
	sysent.OpStat:          {handle: (*call).stat},
	sysent.OpStatx:         {handle: (*call).stat},
	sysent.OpAccess:        {handle: (*call).access},
	sysent.OpReadlink:      {handle: (*call).readlink},
	sysent.OpMkdir:         {handle: (*call).mkdir},
	sysent.OpMknod:         {handle: (*call).mknod},
	sysent.OpUnlink:        {handle: (*call).unlink},
	sysent.OpRmdir:         {handle: (*call).rmdir},
	sysent.OpSymlink:       {handle: (*call).symlink},
	sysent.OpLink:          {handle: (*call).link},
	sysent.OpRename:        {handle: (*call).rename},
	sysent.OpChmod:         {handle: (*call).chmod},
	sysent.OpChown:         {handle: (*call).chown},
	sysent.OpUtimes:        {handle: (*call).utimes},
	sysent.OpTruncate:      {handle: (*call).truncate, waits: true},
	sysent.OpGetxattr:      {handle: (*call).xattr},
	sysent.OpSetxattr:      {handle: (*call).xattr},
	sysent.OpListxattr:     {handle: (*call).xattr},
	sysent.OpRemovexattr:   {handle: (*call).xattr},
	sysent.OpFgetxattr:     {handle: (*call).xattr},
	sysent.OpFsetxattr:     {handle: (*call).xattr},
	sysent.OpFlistxattr:    {handle: (*call).xattr},
	sysent.OpFremovexattr:  {handle: (*call).xattr},
	sysent.OpFileAttr:      {handle: (*call).fileAttr},
	sysent.OpStatfs:        {handle: (*call).statfs},
	sysent.OpFstatfs:       {handle: (*call).fstatfs},
	sysent.OpChdir:         {handle: (*call).chdir, rewrites: true},
	sysent.OpFchdir:        {handle: (*call).fchdir},
	sysent.OpChroot:        {handle: (*call).chroot},
	sysent.OpGetcwd:        {handle: (*call).getcwd},
	sysent.OpUmask:         {handle: (*call).umaskPass},
	sysent.OpExec:          {handle: (*call).exec, rewrites: true},
	sysent.OpInotifyAdd:    {handle: (*call).inotifyAdd},
	sysent.OpFanotifyMark:  {handle: (*call).nativeOnly},
	sysent.OpNameToHandle:  {handle: (*call).nameToHandle},
	sysent.OpOpenByHandle:  {handle: (*call).refused},
	sysent.OpOpenTree:      {handle: (*call).openTree, rewrites: true},
	sysent.OpMount:         {handle: (*call).mount},
	sysent.OpFsopen:        {handle: (*call).fsopen, rewrites: true},
	sysent.OpFsconfig:      {handle: (*call).fsconfig},
	sysent.OpFsmount:       {handle: (*call).fsmount, rewrites: true},
	sysent.OpFspick:        {handle: (*call).fspick, rewrites: true},
	sysent.OpMoveMount:     {handle: (*call).moveMount},
	sysent.OpMountSetattr:  {handle: (*call).mountSetattr},
	sysent.OpStatmount:     {handle: (*call).statmount},
	sysent.OpListmount:     {handle: (*call).listmount},
	sysent.OpUmount:        {handle: (*call).umount},
	sysent.OpPivotRoot:     {handle: (*call).pivotRoot},
	sysent.OpSwap:          {handle: (*call).refused},
	sysent.OpAcct:          {handle: (*call).refused},
	sysent.OpQuotactl:      {handle: (*call).refused},
	sysent.OpUselib:        {handle: (*call).absent},
	sysent.OpFstat:         {handle: (*call).fstat},
	sysent.OpFchmod:        {handle: (*call).fchmod},
	sysent.OpFchown:        {handle: (*call).fchown},
	sysent.OpGetdents:      {handle: (*call).getdents},
	sysent.OpBind:          {handle: (*call).bind},
	sysent.OpSocketcall:    {handle: (*call).passes, rewrites: true},
	sysent.OpConnect:       {handle: (*call).connect, rewrites: true},
	sysent.OpSendto:        {handle: (*call).connect, rewrites: true},
	sysent.OpSocket:        {handle: (*call).socket, rewrites: true},
	sysent.OpListen:        {handle: (*call).listen, rewrites: true},
	sysent.OpAccept:        {handle: (*call).recvfrom, rewrites: true},
	sysent.OpSendmsg:       {handle: (*call).sendmsg, rewrites: true},
	sysent.OpRecvmsg:       {handle: (*call).recvmsg, rewrites: true},
	sysent.OpGetsockopt:    {handle: (*call).peerCred},
	sysent.OpSetsockopt:    {handle: (*call).socket, rewrites: true},
	sysent.OpGetsockname:   {handle: (*call).address},
	sysent.OpGetuid:        {handle: (*call).getid},
	sysent.OpGeteuid:       {handle: (*call).getid},
	sysent.OpGetgid:        {handle: (*call).getid},
	sysent.OpGetegid:       {handle: (*call).getid},
	sysent.OpGetresuid:     {handle: (*call).getresid},
	sysent.OpGetresgid:     {handle: (*call).getresid},
	sysent.OpGetgroups:     {handle: (*call).getgroups},
	sysent.OpSetuid:        {handle: (*call).setid},
	sysent.OpSetgid:        {handle: (*call).setid},
	sysent.OpSetreuid:      {handle: (*call).setid},
	sysent.OpSetregid:      {handle: (*call).setid},
	sysent.OpSetresuid:     {handle: (*call).setid},
	sysent.OpSetresgid:     {handle: (*call).setid},
	sysent.OpSetfsuid:      {handle: (*call).setfsid},
	sysent.OpSetfsgid:      {handle: (*call).setfsid},
	sysent.OpSetgroups:     {handle: (*call).setgroups},
	sysent.OpCapget:        {handle: (*call).capget},
	sysent.OpCapset:        {handle: (*call).capset},
	sysent.OpPrctl:         {handle: (*call).prctl},
	sysent.OpMemfd:         {handle: (*call).memfd},
	sysent.OpReboot:        {handle: (*call).refused},
	sysent.OpModule:        {handle: (*call).refused},
	sysent.OpUname:         {handle: (*call).uname},
	sysent.OpSethostname:   {handle: (*call).sethostname},
	sysent.OpSetdomainname: {handle: (*call).setdomainname},
	sysent.OpClone:         {handle: (*call).clone, rewrites: true},
	sysent.OpClone3:        {handle: (*call).clone3, rewrites: true},
	sysent.OpUnshare:       {handle: (*call).unshare},
	sysent.OpSetns:         {handle: (*call).refused},
	sysent.OpKill:          {handle: (*call).kill},
	sysent.OpPtrace:        {handle: (*call).ptrace, rewrites: true},
	sysent.OpProcessVM:     {handle: (*call).reach},
	sysent.OpReach:         {handle: (*call).reach},
	sysent.OpFlock:         {handle: (*call).flock, waits: true},
	sysent.OpIoctl:         {handle: (*call).fileIoctl},
	sysent.OpClockSet:      {handle: (*call).setClock},
	sysent.OpAffinity:      {handle: (*call).affinity},
	sysent.OpSiginfo:       {handle: (*call).siginfo, rewrites: true},
	sysent.OpSignalfd:      {handle: (*call).signalfd, rewrites: true},
	sysent.OpRead:          {handle: (*call).readSignals, rewrites: true},
	sysent.OpSeccomp:       {handle: (*call).seccomp, rewrites: true},
	sysent.OpIOUring:       {handle: (*call).absent},
	sysent.OpLandlock:      {handle: (*call).landlock},
}

// Syscall implements ptrace.Handler.
func (m *Monitor) Syscall(t *ptrace.Thread, pc *ptrace.Call) ptrace.Verdict {
	e := sysent.Lookup(pc.Nr)
	task := m.taskOf(t.TID)
	if e == nil || task == nil {
		return ptrace.Fail(unix.ENOSYS)
	}
	if wait, held := m.pool.Held(t.TID, pc.Nr); held {
		return m.later(task, e, causeMoves, func() ptrace.Verdict {
			wait()
			return ptrace.Return(0)
		})
	}
	m.counts[e.Op].Add(1)
	if task.strict {
		return task.ended()
	}
	task.arrived()
	if routes[e.Op].waits && t.Transport == "notify" {
		task.heard.Store(spelling(pc))
	}
	handle := routes[e.Op].handle
	if handle == nil {
		return ptrace.Pass()
	}
	c := calls.Get().(*call)
	c.begin(m, task, t, pc, e)
	c.handle = handle
	if e.Op == sysent.OpSocketcall {
		c.subcall()
	}
	task.takes(pc.Nr)
	v := c.finish()
	task.gives()
	c.end()
	return v
}

func (c *call) begin(m *Monitor, task *task, t *ptrace.Thread, pc *ptrace.Call, e *sysent.Entry) {
	c.Call, c.m, c.task, c.thread, c.entry = *pc, m, task, t, e
	c.second, c.patient, c.as, c.gate = false, false, nil, gate{why: causeFar}
	if c.abi() == arch.ABI32 {
		c.widen()
	}
}

func (c *call) end() {
	c.task, c.thread, c.entry, c.handle = nil, nil, nil, nil
	calls.Put(c)
}

// finish has the call answered, or made again where it may wait.
func (c *call) finish() ptrace.Verdict {
	if !c.patient && c.farFD() {
		return c.again(causeFar)
	}
	v := c.guarded()
	if c.abi() == arch.ABI32 {
		v = c.narrowed(v)
	}
	if c.gate.asked && !c.patient {
		return c.again(c.gate.why)
	}
	if v.Kind == ptrace.KindOpen && !c.patient && c.thread.Transport == "notify" && c.m.liesFar(v.Host) {
		// The transport itself would wait.
		open := v
		v = c.m.later(c.task, c.entry, causeFar, func() ptrace.Verdict { return open })
	}
	if v.Kind == ptrace.KindOpen && hostpath.Long(v.Host) {
		v = c.openLong(v)
	}
	if c.m.log != nil {
		c.m.log.call(c, &v)
	}
	return v
}

func (c *call) umaskPass() ptrace.Verdict {
	c.umaskCall()
	return ptrace.Pass()
}

// guarded keeps a mistake of ours in one call from ending every guest.
func (c *call) guarded() (v ptrace.Verdict) {
	defer func() {
		if r := recover(); r != nil {
			c.m.say("%s of task %d: %v; it was answered with EIO, please report this", c.entry.Name, c.task.tid, r)
			v = ptrace.Fail(unix.EIO)
		}
	}()
	return c.handle(c)
}
