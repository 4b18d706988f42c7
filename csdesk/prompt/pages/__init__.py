"""Pages: views of services turned into plain rows."""
