"""What comes after what: one file per operation, each a visible list of steps."""
