"""The commands, by what they work on; each imports what is heavy when it is run."""
