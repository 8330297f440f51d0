#include "textflag.h"

// The handler, called as sigaction(2) says: R0 the signal, R1 its siginfo_t.
TEXT note_sender<>(SB),NOSPLIT|NOFRAME,$0
	SXTW	R0, R9
	LSL	$4, R9, R9
	MOVD	$·senders(SB), R10
	ADD	R9, R10, R10
	MOVD	8(R1), R9	// si_code
	MOVD	R9, 0(R10)
	MOVD	16(R1), R9	// si_pid, si_uid
	MOVD	R9, 8(R10)
	MOVD	·noted(SB), R9
	JMP	(R9)

// func noteSender() uintptr
TEXT ·noteSender(SB),NOSPLIT,$0-8
	MOVD	$note_sender<>(SB), R9
	MOVD	R9, ret+0(FP)
	RET
