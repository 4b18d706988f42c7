"""A request happens once, however often and from wherever it is sent."""

from __future__ import annotations

import asyncio
import gc
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from csdesk.errors import Refused, Unavailable
from csdesk.services import care
from csdesk.services.tx import Actor
from csdesk.store import Store
from tests.support import verbs

NOBODY = Actor(id=7, person_id=7, login="rep7", name="Robin Penn")


def test_a_repeated_request_gets_the_first_answer_and_does_nothing(store: Store) -> None:
    first = store.write_now(verbs.add_person, "Ann", request_id="r1")
    again = store.write_now(verbs.add_person, "Ann", request_id="r1")
    assert again == first
    assert type(again) is type(first)
    assert again.at.tzinfo is not None
    assert store.read_now(verbs.count_persons) == 1
    assert store.read_now(care.verify_audit)[0] == 1


def test_another_request_is_another_effect(store: Store) -> None:
    store.write_now(verbs.add_person, "Ann", request_id="r1")
    store.write_now(verbs.add_person, "Ann", request_id="r2")
    store.write_now(verbs.add_person, "Ann")
    assert store.read_now(verbs.count_persons) == 3
    assert store.read_now(verbs.requests) == ["r1", "r2"]


def test_a_failed_request_may_be_sent_again(store: Store) -> None:
    with pytest.raises(Refused):
        store.write_now(verbs.draw_number, fail=True, request_id="r1")
    assert store.read_now(verbs.requests) == []
    assert store.write_now(verbs.draw_number, request_id="r1") == 1


@pytest.mark.parametrize("verb", [verbs.add_person, verbs.add_role])
def test_twins_sent_at_once_have_one_effect_and_one_answer(store: Store, database_url: str, verb: object) -> None:
    """add_role collides on its own key before the request's: that twin, too, must get the answer."""
    stores = [Store(database_url) for _ in range(4)]
    for round_ in range(5):
        ready = threading.Barrier(len(stores))

        def send(each: Store, round_: int = round_, ready: threading.Barrier = ready) -> object:
            ready.wait()
            return each.write_now(verb, f"n{round_}", request_id=f"r{round_}")  # type: ignore[arg-type]

        with ThreadPoolExecutor(len(stores)) as pool:
            answers = list(pool.map(send, stores))
        assert answers == [answers[0]] * len(stores)
    for each in stores:
        each.close()
    assert store.read_now(verbs.count_persons) + store.read_now(verbs.count_roles) == 5
    assert store.read_now(care.verify_audit) == (5, ())


def test_a_store_for_reading_only_refuses_to_write(store: Store, database_url: str) -> None:
    reader = Store(database_url, read_only=True)
    with pytest.raises(Refused, match="reading only"):
        reader.write_now(verbs.add_person, "Ann")
    assert reader.read_now(verbs.count_persons) == 0
    reader.close()


def test_a_missing_duty_refuses_before_anything_happens(store: Store) -> None:
    rep = store.acting(NOBODY)
    with pytest.raises(Refused, match=r"Robin Penn may not do this: it needs the duty 'staff\.admin'"):
        rep.write_now(verbs.add_role, "x", request_id="r1")
    with pytest.raises(Refused, match="Robin Penn may not do this"):
        rep.read_now(verbs.count_roles)
    assert store.read_now(verbs.count_roles) == 0
    assert store.read_now(verbs.requests) == []


def test_only_verbs_pass_the_store(store: Store) -> None:
    with pytest.raises(TypeError, match="no writing verb"):
        store.write_now(verbs.count_persons)
    with pytest.raises(TypeError, match="no reading verb"):
        store.read_now(verbs.add_person, "Ann")


async def test_the_awaited_verbs_do_the_same(store: Store) -> None:
    made = await store.write(verbs.add_person, "Ann", request_id="r1")
    assert await store.write(verbs.add_person, "Ann", request_id="r1") == made
    assert await store.read(verbs.count_persons) == 1


@pytest.mark.parametrize("fault", [Unavailable("away"), ValueError("ours")], ids=["the database's", "ours"])
async def test_of_what_goes_wrong_with_nobody_waiting_only_our_own_fault_is_told(
    store: Store, fault: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    begun, goes_on = threading.Event(), threading.Event()

    def stuck(*_: object) -> None:
        begun.set()
        goes_on.wait(10)
        raise fault

    monkeypatch.setattr(store, "read_now", stuck)
    told: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, what: told.append(what))
    look = asyncio.create_task(store.read(verbs.count_persons))
    await asyncio.to_thread(begun.wait, 10)
    look.cancel()
    with pytest.raises(asyncio.CancelledError):
        await look
    goes_on.set()
    await asyncio.to_thread(store.close)
    await asyncio.sleep(0)
    del look
    gc.collect()
    assert told == []
    assert [type(each.exc_info[1]) for each in caplog.records if each.exc_info] == (
        [ValueError] if isinstance(fault, ValueError) else []
    )
