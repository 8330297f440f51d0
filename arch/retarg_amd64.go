package arch

// RetIsArg0: the register of the result is not that of the first argument.
const RetIsArg0 = false
