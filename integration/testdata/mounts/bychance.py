# bychance.py SEED STEPS: operations on mounts and among them, by chance, and what
# came of each.
import ctypes, errno, os, random, struct, sys

libc = ctypes.CDLL(None, use_errno=True)
W = os.getcwd()
rnd = random.Random(int(sys.argv[1]))
DIRS = ['a', 'b', 'c', 'a/x', 'b/x', 'c/x', 'a/x/y', 'b/x/y', 'a/m', 'b/m', 'c/m/x']
FILES = ['f', 'a/f', 'b/f', 'a/x/f', 'c/x/f', 'b/m/f', 'c/m/g']
slots = [None] * 4  # descriptors held
FSOPEN, FSCONFIG, FSMOUNT, MOVE_MOUNT, OPEN_TREE, MOUNT_SETATTR = 430, 431, 432, 429, 428, 442
BIND, REC, MOVE, REMOUNT, RDONLY = 4096, 16384, 8192, 32, 1

def check(r):
    if r < 0:
        e = ctypes.get_errno()
        raise OSError(e, os.strerror(e))
    return r
def c(s): return None if s is None else s.encode()
def mount(src, dst, kind, flags, data=None): check(libc.mount(c(src), c(dst), c(kind), ctypes.c_ulong(flags), c(data)))
def umount(dst, flags): check(libc.umount2(c(dst), flags))
def syscall(*args): return check(libc.syscall(*[ctypes.c_char_p(a.encode()) if isinstance(a, str) else a if isinstance(a, (bytes, type(None))) else ctypes.c_long(a) for a in args]))

def any_path(): return rnd.choice(DIRS + FILES)
def a_dir(): return rnd.choice(DIRS)
def slot(): return rnd.randrange(len(slots))

def do_tmpfs(d, ro): mount('t%d' % ro, d, 'tmpfs', rnd.choice([0, 0, 2, 4, 8, RDONLY, 1024]), rnd.choice([None, 'mode=750', 'size=1m', 'bad=1']))
def do_bind(a, b, rec): mount(a, b, None, BIND | (REC if rec else 0))
def do_move(a, b): mount(a, b, None, MOVE)
def do_umount(d, flags): umount(d, flags)
def do_remount(d, flags): mount(None, d, None, REMOUNT | BIND | flags)
def do_super(d, flags): mount(None, d, None, REMOUNT | flags)
def do_fs(d):
    s = syscall(FSOPEN, 'tmpfs', 1)
    m = -1
    try:
        syscall(FSCONFIG, s, 1, 'source', 'n', 0)
        syscall(FSCONFIG, s, 6, None, None, 0)
        m = syscall(FSMOUNT, s, 1, rnd.choice([0, 1, 2, 16]))
        syscall(MOVE_MOUNT, m, '', -100, d, 4)
    finally:
        os.close(s)
        if m >= 0: os.close(m)
def do_clone(a, b, rec):
    t = syscall(OPEN_TREE, -100, a, 1 | 0o2000000 | (0x8000 if rec else 0))
    try:
        print(os.path.exists('/proc/self/fd/%d/x' % t), end=' ')
        syscall(MOVE_MOUNT, t, '', -100, b, 4)
    finally: os.close(t)
def do_move_mount(a, b): syscall(MOVE_MOUNT, -100, a, -100, b, 0)
def do_setattr(d, set, clr, rec): syscall(MOUNT_SETATTR, -100, d, 0x8000 if rec else 0, struct.pack('QQQQ', set, clr, 0, 0), 32)
def do_mkdir(d): os.mkdir(d)
def bound(p):
    "what is bound elsewhere is not removed: a view does not show a bound directory that is gone"
    return any(l.split()[3].endswith('/' + os.path.basename(p)) for l in open('/proc/self/mountinfo'))
def do_rmdir(d): return 'bound' if bound(d) else os.rmdir(d)
def do_write(f):
    with open(f, 'a') as h: h.write(f)
def do_read(f):
    with open(f) as h: return h.read()
def do_unlink(f): return 'bound' if bound(f) else os.unlink(f)
def do_rename(a, b): return 'bound' if bound(b) else os.rename(a, b)
def do_link(a, b): os.link(a, b)
def do_list(d): return sorted(os.listdir(d))
def do_open(i, p, write):
    if slots[i] is not None: os.close(slots[i])
    slots[i] = None
    slots[i] = os.open(p, os.O_RDWR if write else os.O_RDONLY)
def do_close(i):
    if slots[i] is not None: os.close(slots[i])
    slots[i] = None
def do_slot(i, name):
    if slots[i] is None: return 'none'
    link = os.readlink('/proc/self/fd/%d' % slots[i]).replace(W, '@')
    try: return link, sorted(os.listdir(slots[i])), os.path.exists('/proc/self/fd/%d/%s' % (slots[i], name))
    except NotADirectoryError: return link, os.pread(slots[i], 100, 0)
def do_in(i, name):
    if slots[i] is None: return 'none'
    h = os.open(name, os.O_CREAT | os.O_WRONLY, 0o644, dir_fd=slots[i])
    os.close(h)
def do_cwd(d):
    os.chdir(d)
    try: return os.getcwd().replace(W, '@'), os.readlink('/proc/self/cwd').replace(W, '@'), sorted(os.listdir('..')), os.path.samefile('..', W)
    finally: os.chdir(W)
def do_stat(p):
    a, s = os.stat(p), os.statvfs(p)
    return oct(a.st_mode), a.st_dev == os.stat(W).st_dev, os.path.ismount(p), s.f_flag & 0x1f

OPS = [(8, do_tmpfs, lambda: (a_dir(), rnd.randrange(2))), (10, do_bind, lambda: (any_path(), any_path(), rnd.randrange(2))),
       (4, do_move, lambda: (any_path(), any_path())), (9, do_umount, lambda: (any_path(), rnd.choice([0, 0, 0, 2, 8, 1]))),
       (3, do_remount, lambda: (any_path(), rnd.choice([0, 1, 2, 8, 1024]))), (2, do_super, lambda: (rnd.choice(['a/m', 'b/m', 'c/m', 'a/x', 'b/x']), rnd.choice([0, 1]))),
       (3, do_fs, lambda: (a_dir(),)), (4, do_clone, lambda: (any_path(), any_path(), rnd.randrange(2))), (3, do_move_mount, lambda: (any_path(), any_path())),
       (3, do_setattr, lambda: (any_path(), rnd.choice([0, 1, 2, 8]), rnd.choice([0, 1, 2]), rnd.randrange(2))),
       (8, do_mkdir, lambda: (a_dir(),)), (3, do_rmdir, lambda: (a_dir(),)), (8, do_write, lambda: (rnd.choice(FILES),)), (4, do_read, lambda: (rnd.choice(FILES),)),
       (3, do_unlink, lambda: (rnd.choice(FILES),)), (5, do_rename, lambda: (any_path(), any_path())), (2, do_link, lambda: (rnd.choice(FILES), rnd.choice(FILES))),
       (4, do_list, lambda: (a_dir(),)), (4, do_open, lambda: (slot(), any_path(), rnd.randrange(3) == 0)), (3, do_close, lambda: (slot(),)), (3, do_slot, lambda: (slot(), rnd.choice('xfm'))),
       (2, do_in, lambda: (slot(), rnd.choice('fgh'))), (4, do_cwd, lambda: (a_dir(),)), (4, do_stat, lambda: (any_path(),))]

def table():
    ids, rows = {}, []
    for l in open('/proc/self/mountinfo'):
        f = l.split()
        at = f.index('-')
        if (f[4] + '/').startswith(W + '/'):
            ids[f[0]] = f[4]
            rows.append((f[4].replace(W, '@'), f[3].replace(W, '@'), ids.get(f[1], '/').replace(W, '@'), f[5], f[at + 1], f[at + 2] if f[at + 1] == 'tmpfs' else '', f[at + 3][:2]))
    return rows

def tree():
    out = []
    for d, dirs, files in os.walk('.'):
        dirs.sort()
        out.append(d + ':' + ','.join(sorted(dirs) + sorted(files)))
    return out

for step in range(int(sys.argv[2])):
    _, op, args = rnd.choices(OPS, [o[0] for o in OPS])[0]
    args = args()
    print(step, op.__name__[3:], *args, end=' = ')
    try: print(op(*args))
    except OSError as e: print(errno.errorcode[e.errno])
    except UnicodeDecodeError: print('?')
    if step % 5 == 4:
        for row in table(): print(' ', *row)
        for row in tree(): print('   ', row)
