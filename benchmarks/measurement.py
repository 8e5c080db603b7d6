"""What a measurement is, and how interleaved rounds become one.

Knows times, spreads, ratios and figures. It must not know what is being measured.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from types import FunctionType
from typing import Literal, NamedTuple, ParamSpec, cast

Unit = Literal["ns", "us", "ms", "s", "B"]
SECONDS: dict[Unit, float] = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0, "B": 1.0}
"""What each unit is in seconds; a byte is itself."""

Timer = Callable[[], float]
"""One round of something: does it, and returns the seconds that one unit of it took."""


class Spread(NamedTuple):
    """The median of some values between their quartiles."""

    low: float
    median: float
    high: float


class Figure(NamedTuple):
    """What a measurement is held against: a bound on its ratio, or on its time."""

    on: Literal["ratio", "time"]
    sign: Literal["<=", ">="]
    bound: float

    def holds(self, value: float) -> bool:
        """Whether `value` keeps to the bound."""
        return value <= self.bound if self.sign == "<=" else value >= self.bound


class Series(NamedTuple):
    """What was timed, by the name it is printed under, in seconds, a round each."""

    name: str
    seconds: Sequence[float]


class Measurement(NamedTuple):
    """One row of the result; times are in `unit`, `time` is None for what could not be run.

    `ratio` is how many times as long as the reference it took: above one, it was slower.
    """

    name: str
    unit: Unit
    time: Spread | None
    reference: str | None = None
    reference_time: Spread | None = None
    ratio: Spread | None = None
    figure: Figure | None = None
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the median keeps to the figure; None without a figure or a value."""
        held = None if self.figure is None else getattr(self, self.figure.on)
        return None if held is None or self.figure is None else self.figure.holds(held.median)


class Scale(NamedTuple):
    """How much is measured: rounds of each kind, and how much a round takes in.

    `rounds` and `calls` are of loops over `check`; `cells` how many random cells they ask;
    `peer_rounds` and `peer_cells` the same against other evaluators; `process_rounds` of
    whole processes; `load_rounds` of reading policies; `policies` how many are compiled in a
    round; `text_rounds` and `texts` of reading texts of the API, so many a round.
    """

    rounds: int
    calls: int
    cells: int
    peer_rounds: int
    peer_cells: int
    process_rounds: int
    load_rounds: int
    policies: int
    text_rounds: int
    texts: int
    whole_proof: bool
    assignments: tuple[int, ...]
    requests: int
    directory_rounds: int


FULL = Scale(
    rounds=101,
    calls=20_000,
    cells=10_000,
    peer_rounds=11,
    peer_cells=200,
    process_rounds=41,
    load_rounds=21,
    policies=1_000,
    text_rounds=10,
    texts=10_000,
    whole_proof=True,
    assignments=(1_000, 100_000, 1_000_000),
    requests=20_000,
    directory_rounds=7,
)
"""What the published numbers take; some ten minutes, most of them for a million assignments."""

QUICK = Scale(
    rounds=3,
    calls=1_000,
    cells=500,
    peer_rounds=2,
    peer_cells=10,
    process_rounds=2,
    load_rounds=2,
    policies=20,
    text_rounds=2,
    texts=100,
    whole_proof=False,
    assignments=(1_000,),
    requests=500,
    directory_rounds=2,
)
"""Enough to see that everything still runs; a few seconds, and no number to be quoted."""


def interleave(timers: Mapping[str, Timer], rounds: int) -> dict[str, Series]:
    """Every timer's series, a round at a time in turn, after one round that is not counted."""
    gc.collect()
    for timer in timers.values():
        timer()
    seconds: dict[str, list[float]] = {name: [] for name in timers}
    turns = list(timers.items())
    for _ in range(rounds):
        for name, timer in turns:
            seconds[name].append(timer())
        # Whoever always comes second would find the caches as the first one leaves them.
        turns.reverse()
    return {name: Series(name, taken) for name, taken in seconds.items()}


_P = ParamSpec("_P")


def timer(units: int, loop: Callable[_P, object], *args: _P.args, **kwargs: _P.kwargs) -> Timer:
    """A timer of ``loop(*args, **kwargs)``, which does what is measured `units` times."""
    own_loop = _with_own_code(loop)

    def one_round() -> float:
        start = time.perf_counter()
        own_loop(*args, **kwargs)
        return (time.perf_counter() - start) / units

    return one_round


def _with_own_code(loop: Callable[_P, object]) -> Callable[_P, object]:
    """A copy of a function with bytecode of its own.

    CPython adapts bytecode to what ran through it before: two things timed by one loop
    would each undo what it has learned of the other.
    """
    if not isinstance(loop, FunctionType):
        return loop
    copy = FunctionType(
        loop.__code__.replace(),
        loop.__globals__,
        loop.__name__,
        loop.__defaults__,
        loop.__closure__,
    )
    copy.__kwdefaults__ = loop.__kwdefaults__
    return cast("Callable[_P, object]", copy)


def measured(
    series: Series,
    unit: Unit,
    reference: Series | None = None,
    *,
    name: str | None = None,
    figure: Figure | None = None,
    note: str = "",
) -> Measurement:
    """The measurement that `series` is, against a reference from the same rounds."""
    if reference is None:
        times = _spread(series.seconds, unit)
        return Measurement(name or series.name, unit, times, figure=figure, note=note)
    ratios = [one / other for one, other in zip(series.seconds, reference.seconds, strict=True)]
    return Measurement(
        name or series.name,
        unit,
        _spread(series.seconds, unit),
        reference.name,
        _spread(reference.seconds, unit),
        _spread(ratios, "s"),
        figure,
        note,
    )


def not_installed(name: str, unit: Unit, figure: Figure | None = None) -> Measurement:
    """The row of something that is not here to be measured."""
    return Measurement(name, unit, None, figure=figure, note="not installed")


def difference(name: str, series: Series, less: Series) -> Series:
    """How much longer `series` took than `less`, round by round."""
    pairs = zip(series.seconds, less.seconds, strict=True)
    return Series(name, [one - other for one, other in pairs])


def _spread(values: Sequence[float], unit: Unit) -> Spread:
    scaled = [value / SECONDS[unit] for value in values]
    if len(scaled) == 1:
        return Spread(scaled[0], scaled[0], scaled[0])
    return Spread(*statistics.quantiles(scaled, n=4, method="inclusive"))
