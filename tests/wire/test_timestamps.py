"""Timestamps: RFC 3339, kept to the letter."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given

from rbac import RequestError
from rbac.wire import TaskMetadata, Timestamp
from tests.strategies import examples
from tests.wire.shapes import timestamps


def read(text: str) -> Timestamp:
    """A timestamp as a model reads it."""
    found = TaskMetadata.from_json(json.dumps({"createdAt": text})).created_at
    assert type(found) is Timestamp
    return found


INSTANTS = {
    "2024-05-01T10:00:00Z": datetime(2024, 5, 1, 10, tzinfo=UTC),
    "2024-05-01t10:00:00z": datetime(2024, 5, 1, 10, tzinfo=UTC),
    "2024-05-01T10:00:00.1Z": datetime(2024, 5, 1, 10, 0, 0, 100_000, tzinfo=UTC),
    "2024-05-01T10:00:00.123456789Z": datetime(2024, 5, 1, 10, 0, 0, 123_456, tzinfo=UTC),
    "2024-05-01T10:00:00.999999999-00:00": datetime(2024, 5, 1, 10, 0, 0, 999_999, tzinfo=UTC),
    "2024-05-01T12:00:00+02:00": datetime(2024, 5, 1, 10, tzinfo=UTC),
    "2024-05-01T00:00:00-23:59": datetime(
        2024, 5, 1, tzinfo=timezone(-timedelta(hours=23, minutes=59))
    ),
    "0001-01-01T00:00:00Z": datetime(1, 1, 1, tzinfo=UTC),
    "9999-12-31T23:59:59.999999999Z": datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
}


@pytest.mark.parametrize("text", INSTANTS)
def test_a_timestamp_is_its_text_and_gives_its_instant(text: str) -> None:
    """The text is kept to the letter; the instant is aware, and cut to microseconds."""
    for timestamp in (Timestamp(text), read(text)):
        assert timestamp == text
        assert timestamp.datetime == INSTANTS[text]
        assert timestamp.datetime.tzinfo is not None
        assert repr(timestamp) == f"Timestamp('{text}')"


@given(timestamps())
@examples(200)
def test_every_spelling_is_taken(text: str) -> None:
    """Every timestamp of the format is read and written back as it was."""
    written = TaskMetadata(created_at=Timestamp(text)).to_json()
    assert json.loads(written) == {"createdAt": text}
    assert read(text) == Timestamp(text) == text
    assert read(text).datetime == Timestamp(text).datetime


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2024-05-01",
        "2024-05-01T10:00:00",
        "2024-05-01 10:00:00Z",
        "2024-05-01T10:00Z",
        "20240501T100000Z",
        "2024-W18-3T10:00:00Z",
        "2024-05-01T10:00:00.Z",
        "2024-05-01T10:00:00.1234567890Z",
        "2024-05-01T10:00:00,5Z",
        "2024-05-01T24:00:00Z",
        "2024-05-01T10:60:00Z",
        "2016-12-31T23:59:60Z",
        "2024-05-01T10:00:00+24:00",
        "2024-05-01T10:00:00+02:60",
        "2024-05-01T10:00:00+0200",
        "2024-05-01T10:00:00+02",
        "2024-05-01T10:00:00Z\n",
        " 2024-05-01T10:00:00Z",
        "2024-05-01T10:00:00\uff10Z",
        "\u0662024-05-01T10:00:00Z",
        "12024-05-01T10:00:00Z",
        "-2024-05-01T10:00:00Z",
        "1714557600",
    ],
)
def test_nothing_else_is_taken(text: str) -> None:
    """Other notations, parts of one, and leap seconds, which no `datetime` has, are refused."""
    with pytest.raises(RequestError, match="is not an RFC 3339 timestamp"):
        Timestamp(text)
    with pytest.raises(RequestError, match=r"TaskMetadata\.createdAt .* is not an RFC 3339"):
        read(text)


@pytest.mark.parametrize("year", [0, 1, 4, 100, 400, 1900, 2000, 2023, 2024, 2100, 9996, 9999])
def test_days_are_those_of_the_calendar(year: int) -> None:
    """Of all days of all months, those that the calendar has are taken and no others."""
    for month in range(14):
        for day in range(33):
            text = f"{year:04}-{month:02}-{day:02}T00:00:00Z"
            try:
                date(year, month, day)
            except ValueError:
                with pytest.raises(RequestError):
                    Timestamp(text)
                with pytest.raises(RequestError):
                    read(text)
            else:
                assert read(text) == Timestamp(text)


def test_timestamps_have_no_order() -> None:
    """Texts sort otherwise than instants, so comparing two is an error, never an answer."""
    later, earlier = Timestamp("2024-05-01T10:00:00.5Z"), Timestamp("2024-05-01T10:00:00Z")
    assert later.datetime > earlier.datetime
    assert str(later) == later
    with pytest.raises(TypeError, match=r"compare their \.datetime"):
        sorted([later, earlier])
    for compare in ("__lt__", "__le__", "__gt__", "__ge__"):
        with pytest.raises(TypeError, match=r"compare their \.datetime"):
            getattr(later, compare)(earlier)
    with pytest.raises(TypeError, match=r"compare their \.datetime"):
        sorted(["2024", later])


@pytest.mark.parametrize("value", [None, 1714557600, datetime(2024, 5, 1, tzinfo=UTC), b"2024"])
def test_only_strings_are_timestamps(value: Any) -> None:
    """Anything but a string is a wrong type."""
    with pytest.raises(TypeError, match="a timestamp is a string, not"):
        Timestamp(value)
