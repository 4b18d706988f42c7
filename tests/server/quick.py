"""`csdesk` whose server waits seconds where the real one waits minutes: `python -m tests.server.quick serve`.

A desk is asked to end for three seconds before it is killed, a question stands for two, a client is asked every
second whether it is still there, and one `serve_idle` is a second. Half a second after its desk a connection is closed.
"""

from __future__ import annotations

from csdesk.cli import main
from csdesk.server import front, stay, visit, watch

if __name__ == "__main__":
    watch.LEAVE_SECONDS, watch.LOOK_EVERY, watch.IDLE_UNIT = 3.0, 0.3, 1.0
    front.KEEPALIVE, front.KEEPALIVE_MISSED = 1, 3
    visit.ASK_SECONDS, stay.LINGER = 2.0, 0.5
    main()
