"""Pages and plain data: how every result is read, in a terminal, a notebook and a file."""
