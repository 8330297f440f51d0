package arch

// NrVfork: arm64 has no vfork(2); libc spells it clone(2).
const NrVfork = -1
