"""Imports: mapping files, readers, quarantine."""
