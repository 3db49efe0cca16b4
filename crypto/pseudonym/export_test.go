package pseudonym

// CounterKDFInput lets tests compare the construction with published vectors.
var CounterKDFInput = counterKDFInput
