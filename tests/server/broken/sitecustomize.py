"""Python reads this before the zygote begins when its folder is on the path: adding 99 pieces of anything hangs, 98
pieces take all memory. Desks are forked from the zygote, so they hold the fault."""

import sys

if "csdesk.server.zygote" in sys.orig_argv:
    from csdesk.prompt import acts, pad_acts

    _line = pad_acts.line

    async def _broken(desk, command):
        while command.args.get("quantity") == "99":
            pass
        if command.args.get("quantity") == "98":
            _held = [bytearray(1 << 26) for _ in range(1000)]
        await _line(desk, command)

    acts.ACTS["line"] = _broken
