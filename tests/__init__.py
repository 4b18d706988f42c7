"""The tests; a package so that `tests.support` is found from every folder."""
