"""The prompt: grammar, keyboard and what a desk shows, without any Textual; the TUI and line mode paint its faces."""
