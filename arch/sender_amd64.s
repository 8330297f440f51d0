#include "textflag.h"

// The handler, called as sigaction(2) says: DI the signal, SI its siginfo_t.
TEXT note_sender<>(SB),NOSPLIT|NOFRAME,$0
	MOVLQSX	DI, AX
	SHLQ	$4, AX
	LEAQ	·senders(SB), CX
	ADDQ	AX, CX
	MOVQ	8(SI), AX	// si_code
	MOVQ	AX, 0(CX)
	MOVQ	16(SI), AX	// si_pid, si_uid
	MOVQ	AX, 8(CX)
	MOVQ	·noted(SB), AX
	JMP	AX

// func noteSender() uintptr
TEXT ·noteSender(SB),NOSPLIT,$0-8
	LEAQ	note_sender<>(SB), AX
	MOVQ	AX, ret+0(FP)
	RET
