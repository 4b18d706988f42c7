"""Widgets that know cells, columns and tones, and nothing of customers or orders."""
