"""The settings of deploy/ha as its program writes them: whole, closed to others, with times that fit together."""

from __future__ import annotations

import argparse
import re
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

import pytest

from csdesk.config import database_url
from csdesk.engine import PG_OPTIONS, make_engine

HA = Path(__file__).parents[2] / "deploy" / "ha"
loader = SourceFileLoader("ha_cluster", str(HA / "cluster"))
spec = spec_from_loader("ha_cluster", loader)
assert spec is not None
cluster = module_from_spec(spec)
loader.exec_module(cluster)


def planned(folder: Path, *, asynchronous: bool = False) -> Any:
    made = cluster.Cluster(folder / "c")
    made.plan(argparse.Namespace(first_port=None, programs=Path("/pg/bin"), asynchronous=asynchronous))
    return made


def test_every_place_is_filled_and_nobody_else_reads_it(tmp_path: Path) -> None:
    made = planned(tmp_path)
    files = [each for each in made.folder.rglob("*") if each.is_file()]
    assert {each.name for each in files} == {
        "etcd.yml", "patroni.yml", "haproxy.cfg", "pgbouncer.ini", "users.txt", "cluster.json"}  # fmt: skip
    assert [each.name for each in files if "$" in each.read_text()] == []
    assert {each.stat().st_mode & 0o777 for each in files} == {0o600}
    assert len({made.facts[name] for name in cluster.PORTS}) == len(cluster.PORTS)


@pytest.mark.parametrize(("asynchronous", "mode"), [(False, "quorum"), (True, "false")])
def test_commits_wait_for_a_standby_unless_told_otherwise(tmp_path: Path, asynchronous: bool, mode: str) -> None:
    text = (planned(tmp_path, asynchronous=asynchronous).folder / "n1" / "patroni.yml").read_text()
    assert re.search(r"synchronous_mode: (\w+)", text)[1] == mode  # type: ignore[index]


def test_the_times_fit_together() -> None:
    text = (HA / "patroni.yml").read_text()
    ttl, loop, retry = (int(re.search(rf"\b{name}: (\d+)", text)[1]) for name in ("ttl", "loop_wait", "retry_timeout"))  # type: ignore[index]
    assert loop + 2 * retry <= ttl


def test_the_role_has_by_a_pooler_what_the_desk_asks_for_itself() -> None:
    asked = dict(each.split("=") for each in PG_OPTIONS.replace("-c ", "").split())
    seconds = {name: value.replace("s", "000") for name, value in cluster.ROLE.items()}
    assert seconds == asked


@pytest.mark.parametrize("way", ["hosts", "haproxy", "pgbouncer", "replicas"])
def test_the_desk_understands_the_addresses(tmp_path: Path, way: str) -> None:
    address = planned(tmp_path).url(way)
    engine = make_engine(database_url(address))
    given = engine.dialect.create_connect_args(engine.url)[1]
    assert len(str(given["port"]).split(",")) == (3 if way == "hosts" else 1)
    assert given["dbname"] == "desk"
