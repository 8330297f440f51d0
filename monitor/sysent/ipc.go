package sysent

// ipc are message queues, semaphores, shared memory and keys.
var ipc = []Entry{
	{"mq_open", OpNone, Plain, args{Name, Flags, Mode, BufIn}, 0, "a name of its own name space, not a path"},
	{"mq_unlink", OpNone, Plain, args{Name}, 0, ""},
	{"mq_timedsend", OpNone, Plain, args{FD, BufIn, Len, Int, BufIn}, 0, ""},
	{"mq_timedreceive", OpNone, Plain, args{FD, BufOut, Len, BufOut, BufIn}, 0, ""},
	{"mq_notify", OpNone, Plain, args{FD, BufIn}, 0, ""},
	{"mq_getsetattr", OpNone, Plain, args{FD, BufIn, BufOut}, 0, ""},
	{"msgget", OpNone, Plain, args{Int, Flags}, 0, ""},
	{"msgsnd", OpNone, Plain, args{Int, BufIn, Len, Flags}, 0, ""},
	{"msgrcv", OpNone, Plain, args{Int, BufOut, Len, Int, Flags}, 0, ""},
	{"msgctl", OpNone, Plain, args{Int, Cmd, Addr}, 0, "IPC_STAT tells ids"},
	{"semget", OpNone, Plain, args{Int, Int, Flags}, 0, ""},
	{"semop", OpNone, Plain, args{Int, BufIn, Int}, 0, ""},
	{"semtimedop", OpNone, Plain, args{Int, BufIn, Int, BufIn}, 0, ""},
	{"semctl", OpNone, Plain, args{Int, Int, Cmd, Addr}, 0, "IPC_STAT tells ids"},
	{"shmget", OpNone, Plain, args{Int, Len, Flags}, 0, ""},
	{"shmat", OpNone, Plain, args{Int, Addr, Flags}, 0, ""},
	{"shmdt", OpNone, Plain, args{Addr}, 0, ""},
	{"shmctl", OpNone, Plain, args{Int, Cmd, Addr}, 0, "IPC_STAT tells ids"},
	{"add_key", OpNone, Plain, args{Name, Name, BufIn, Len, Int}, 0, ""},
	{"request_key", OpNone, Plain, args{Name, Name, Name, Int}, 0, ""},
	{"keyctl", OpNone, Plain, args{Cmd, Int, Int, Int, Int}, 0, ""},
}
