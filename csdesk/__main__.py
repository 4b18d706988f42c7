"""python -m csdesk."""

from csdesk.cli import main

main()
