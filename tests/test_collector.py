"""The collector waits while records are taken in, and runs again afterwards, come what may."""

import gc
from collections.abc import Iterator
from threading import Barrier, Thread
from typing import Any

import pytest

from rbac.collector import Waiting
from rbac.directory import Directory
from rbac.policy import Policy
from rbac.records import Organization, Records
from tests.organization import ACME, RECORDS


@pytest.fixture(autouse=True)
def running() -> Iterator[None]:
    """Each test begins with a collector that runs, and leaves it so."""
    assert gc.isenabled()
    yield
    gc.enable()


class Observed(list[Organization]):
    """Records that note whether the collector runs while they are read."""

    def __init__(self, records: Any, fails: bool = False) -> None:
        super().__init__(records)
        self.seen: list[bool] = []
        self.fails = fails

    def __iter__(self) -> Iterator[Organization]:
        self.seen.append(gc.isenabled())
        if self.fails:
            raise OSError("the records cannot be read")
        return super().__iter__()


def test_it_waits_while_a_directory_is_built() -> None:
    """It does not run within, and does afterwards."""
    organizations = Observed(RECORDS.organizations)
    Directory(RECORDS._replace(organizations=organizations))
    assert organizations.seen == [False]
    assert gc.isenabled()


def test_it_runs_again_where_building_fails() -> None:
    """Whatever a source of records raises passes through, and the collector runs."""
    with pytest.raises(OSError, match="cannot be read"):
        Directory(Records(Observed([Organization(ACME.id)], fails=True)))
    assert gc.isenabled()


def test_it_stays_off_where_it_was_off() -> None:
    """A process that keeps its collector off finds it off after a load."""
    gc.disable()
    Directory(RECORDS)
    assert not gc.isenabled()


def test_one_within_another_leaves_it_waiting() -> None:
    """Only the outermost starts it again."""
    waiting = Waiting()
    with waiting:
        with waiting:
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


@pytest.mark.parametrize("first", [0, 1], ids=["first in, first out", "first in, last out"])
def test_it_waits_for_the_last_of_several_threads(first: int) -> None:
    """Of two threads that load at once, whichever is done first does not start it."""
    waiting = Waiting()
    inside, left = Barrier(3), [Barrier(2), Barrier(2)]

    def load(number: int) -> None:
        with waiting:
            inside.wait(10)
            left[number].wait(10)

    threads = [Thread(target=load, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    inside.wait(10)
    for number, runs in ((first, False), (1 - first, True)):
        assert not gc.isenabled()
        left[number].wait(10)
        threads[number].join(10)
        assert gc.isenabled() is runs


def test_threads_that_build_at_once_leave_it_running() -> None:
    """However many load in however many threads, it runs when all are done."""
    policy = Policy.shipped()

    def build() -> None:
        for _ in range(5):
            Directory(RECORDS, policy=policy)

    threads = [Thread(target=build) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert gc.isenabled()
