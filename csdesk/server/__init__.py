"""What a desk needs of the machine it runs on: the terminal, the bell socket, and the front for shared servers."""
