#include "textflag.h"

#define SYS_fcntl 25
#define F_GETFD 1
#define EBADF 9

// See start.go. The stack pointer is as the kernel left it.
TEXT _veduta_start(SB),NOSPLIT|NOFRAME,$0
	MOVD	$8, R12
	MOVD	$0, R13
	MOVD	$1, R14
next:
	MOVD	$SYS_fcntl, R8
	MOVD	R13, R0
	MOVD	$F_GETFD, R1
	MOVD	$0, R2
	SVC
	CMN	$EBADF, R0
	BNE	open
	ORR	R14, R12, R12
open:
	LSL	$1, R14, R14
	ADD	$1, R13, R13
	CMP	$3, R13
	BLT	next
	MOVW	R12, ·closedAtStart(SB)
	JMP	_rt0_arm64_linux(SB)
