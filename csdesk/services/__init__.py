"""Verbs: plain functions that take a Tx first and return frozen views; the store runs them in a transaction."""
