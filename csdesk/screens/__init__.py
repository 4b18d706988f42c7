"""Screens: Textual only; they paint faces of the prompt and hand it keys."""
