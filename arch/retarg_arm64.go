package arch

// RetIsArg0: x0 holds the first argument at entry and the result at exit.
const RetIsArg0 = true
