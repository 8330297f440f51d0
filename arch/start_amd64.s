#include "textflag.h"

#define SYS_fcntl 72
#define F_GETFD 1
#define EBADF 9

// See start.go. The stack pointer is as the kernel left it.
TEXT _veduta_start(SB),NOSPLIT|NOFRAME,$0
	MOVL	$8, R12
	XORL	BX, BX
next:
	MOVL	$SYS_fcntl, AX
	MOVL	BX, DI
	MOVL	$F_GETFD, SI
	XORL	DX, DX
	SYSCALL
	CMPQ	AX, $-EBADF
	JNE	open
	BTSL	BX, R12
open:
	INCL	BX
	CMPL	BX, $3
	JLT	next
	MOVL	R12, ·closedAtStart(SB)
	JMP	_rt0_amd64_linux(SB)
