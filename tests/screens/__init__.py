"""The face of the desk: layout, keys, terminals."""
