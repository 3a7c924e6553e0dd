package command

// noCores does nothing: dumps are the business of the system here.
func noCores() (takeBack func()) { return func() {} }
