package sysent

// uts are the calls about the names of the host.
var uts = []Entry{
	{"uname", OpUname, UTS, args{BufOut}, 0, ""},
	{"sethostname", OpSethostname, UTS, args{BufIn, Len}, 0, ""},
	{"setdomainname", OpSetdomainname, UTS, args{BufIn, Len}, 0, ""},
}

// clocks are the calls that tell, set or wait for an absolute time. Most
// programs ask for the time in the vDSO, without a call.
var clocks = []Entry{
	{"clock_gettime", OpClockGet, Clock, args{Int, BufOut}, 0, ""},
	{"gettimeofday", OpClockGet, Clock, args{BufOut, BufOut}, 0, ""},
	{"time", OpClockGet, Clock, args{BufOut}, 0, "may be NULL; also the result"},
	{"clock_settime", OpClockSet, Clock, args{Int, BufIn}, 0, ""},
	{"settimeofday", OpClockSet, Clock, args{BufIn, BufIn}, 0, ""},
	{"adjtimex", OpClockSet, Clock, args{Addr}, 0, "in and out; modes of 0 only ask"},
	{"clock_adjtime", OpClockSet, Clock, args{Int, Addr}, 0, "in and out; modes of 0 only ask"},
	{"clock_nanosleep", OpTimer, Clock, args{Int, Flags, BufIn, BufOut}, 0, "absolute with TIMER_ABSTIME"},
	{"timer_settime", OpTimer, Clock, args{Int, Flags, BufIn, BufOut}, 0, "absolute with TIMER_ABSTIME"},
	{"timerfd_settime", OpTimer, Clock, args{FD, Flags, BufIn, BufOut}, 0, "absolute with TFD_TIMER_ABSTIME"},
	{"sysinfo", OpSysinfo, Clock, args{BufOut}, 0, "uptime"},
}
