package keyring

// WithStep lets tests fail any change to the disk.
func WithStep(step func(string) error) Option { return func(o *options) { o.step = step } }
