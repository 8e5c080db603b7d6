"""The decision log: what is written is read again, and nothing else is read."""

import doctest
import gzip
import io
import json
import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbac import Authorizer
from rbac.audit.decision_log import LoggedDecision, Period, as_line, read_line
from rbac.audit.log_files import read
from rbac.decision import Decision
from rbac.errors import Problem, RequestError
from rbac.snapshots.members import Invalid
from rbac.terms import Credential, InstanceQuestion, Question, Resource
from rbac.verification import cells
from rbac.vocabulary import Action, Principal, ResourceRole, ResourceType
from tests.organization import ACME, DIRECTORY, EDITOR, MEMBER, RUNNER, STRANGER, WEB
from tests.strategies import examples
from tests.worlds import World, new_resources, questions, worlds

NOW = datetime(2026, 11, 24, 10, 30, tzinfo=UTC)
HERE = Authorizer(directory=DIRECTORY)


def decisions(world: World, chance: Random) -> list[Decision]:
    """Some decisions of every form that a world has."""
    authorizer = Authorizer(world.policy, world.directory)
    access = authorizer.access
    asked = list(questions(world))
    found = [access.decide(*each) for each in chance.sample(asked, min(40, len(asked)))]
    for new in list(new_resources(world.directory))[:5]:
        who = chance.choice(asked).subject
        found.append(access.decide(who, None, new, Action.CREATE, Credential()))
        found.append(access.unauthenticated(InstanceQuestion(None, None, new, Action.LIST)))
    kinds = chance.sample(list(cells(world.policy)), 20)
    found += [authorizer.check(*each[:4], own=each.own) for each in kinds]
    found += [authorizer.check(*each[:3], own=each.own) for each in kinds]
    return found


@examples(15)
@given(
    worlds(),
    st.randoms(use_true_random=False),
    st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-5, minutes=30))])),
    st.none() | st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=200),
)
def test_reading_a_line_gives_what_was_written(
    world: World, chance: Random, time: datetime, request: str | None
) -> None:
    """Writer and reader are inverses, and both are about the decision's own question."""
    for decision in decisions(world, chance):
        line = as_line(decision, time, request=request)
        logged = read_line(line.encode())
        assert logged == LoggedDecision.of(decision, time, request=request)
        assert logged.line() == line
        assert logged.question == decision.question
        assert (logged.allowed, logged.reason) == (decision.allowed, decision.reason)
        assert logged.policy_digest == decision.policy_digest
        assert logged.directory_revision == decision.directory_revision
        assert logged.instant == time
        assert (logged.grant is None) is (decision.grant is None)


ALLOWED = json.loads(as_line(HERE.authorize(EDITOR, Action.UPDATE, WEB), NOW))
DENIED = json.loads(as_line(HERE.authorize(STRANGER, Action.UPDATE, WEB), NOW))
NOBODY = json.loads(as_line(HERE.authorize(None, Action.UPDATE, WEB), NOW))
NEW = json.loads(
    as_line(
        HERE.authorize(
            MEMBER,
            Action.CREATE,
            Resource.new(ResourceType.ENVIRONMENT, (ACME,), owner=MEMBER, naming=(WEB, RUNNER)),
            credential=Credential(read_only=True),
        ),
        NOW,
    )
)
KINDS = json.loads(
    as_line(
        HERE.check(
            Principal.USER, ResourceRole.PROJECT_USER, ResourceType.PROJECT, Action.GET, own=True
        ),
        NOW,
    )
)
GOOD = {"allowed": ALLOWED, "denied": DENIED, "nobody": NOBODY, "new": NEW, "kinds": KINDS}


def without(line: dict[str, Any], name: str) -> dict[str, Any]:
    """A line without one member."""
    return {key: value for key, value in line.items() if key != name}


@pytest.mark.parametrize("name", GOOD)
def test_the_members_may_stand_in_any_order(name: str) -> None:
    """A JSON object has no order, and neither has a line."""
    line = GOOD[name]
    back = dict(reversed(line.items()))
    assert read_line(json.dumps(back).encode()) == read_line(json.dumps(line).encode())


@pytest.mark.parametrize("name", GOOD)
def test_no_member_is_missing_and_none_may_be_added(name: str) -> None:
    """Each required member is missed by name; a further one is refused."""
    required = ("time", "subject", "role", "action", "type", "resource", "allowed", "reason")
    for member in (*required, "policy_digest"):
        with pytest.raises(Invalid, match=f"has no {member}"):
            read_line(json.dumps(without(GOOD[name], member)).encode())
    with pytest.raises(Invalid, match='unknown member "alowed"; did you mean "allowed"'):
        read_line(json.dumps(GOOD[name] | {"alowed": True}).encode())


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown role": (ALLOWED | {"role": "project_editr"}, 'did you mean "project_editor"'),
    "a wire value": (ALLOWED | {"type": "RESOURCE_TYPE_PROJECT"}, "unknown resource type"),
    "the zero value": (ALLOWED | {"type": "unspecified"}, "names no resource type"),
    "an unknown action": (ALLOWED | {"action": "fly"}, "unknown action"),
    "an unknown reason": (ALLOWED | {"reason": "because"}, "unknown reason"),
    "an unknown principal": (
        ALLOWED | {"subject": {"principal": "human", "id": EDITOR.id}},
        "subject: principal: unknown principal",
    ),
    "an id that is none": (ALLOWED | {"resource": WEB.id.upper()}, "resource: "),
    "an empty id": (ALLOWED | {"resource": ""}, "not a canonical lower-case UUID"),
    "a time without a zone": (ALLOWED | {"time": "2026-11-24T10:30:00"}, "RFC 3339"),
    "a day that is none": (ALLOWED | {"time": "2026-02-30T10:30:00Z"}, "RFC 3339"),
    "an hour that is none": (ALLOWED | {"time": "2026-11-24T24:00:00Z"}, "RFC 3339"),
    "a number for a time": (ALLOWED | {"time": 1}, "a number instead of a string"),
    "a number for a boolean": (ALLOWED | {"allowed": 1}, "a number instead of a boolean"),
    "a digest that is none": (ALLOWED | {"policy_digest": "sha256:0"}, "no digest"),
    "allowed against its reason": (ALLOWED | {"allowed": False}, "but the reason is granted"),
    "denied against its reason": (DENIED | {"allowed": True}, "but the reason is unknown_subject"),
    "a grant behind no answer": (DENIED | {"grant": ALLOWED["grant"]}, "rests on no grant"),
    "null where it may be absent": (ALLOWED | {"request": None}, "null instead of a string"),
    "an empty request": (ALLOWED | {"request": ""}, "1 to 200 printable"),
    "a long request": (ALLOWED | {"request": "x" * 201}, "1 to 200 printable"),
    "a control character": (ALLOWED | {"request": "a\x1b"}, "1 to 200 printable"),
    "somebody on own": (ALLOWED | {"own": False}, "no own"),
    "somebody without a directory": (without(ALLOWED, "directory_revision"), "directory_revision"),
    "somebody about nothing": (ALLOWED | {"resource": None}, "either a resource or what is new"),
    "somebody about both": (NEW | {"resource": WEB.id}, "either a resource or what is new"),
    "nobody in a role": (NOBODY | {"role": "project_user"}, "nobody signed in"),
    "nobody allowed": (NOBODY | {"allowed": True, "reason": "granted"}, "nobody signed in"),
    "nobody without an action": (NOBODY | {"action": None}, "nobody signed in"),
    "half a credential": (NEW | {"credential": {"read_only": True}}, "has no impersonated"),
    "a container twice": (
        NEW | {"new": {"within": NEW["new"]["within"] * 2}},
        "within has a resource twice",
    ),
    "kinds without a role": (KINDS | {"role": None}, "takes a role, own"),
    "kinds about something": (KINDS | {"resource": WEB.id}, "takes a role, own"),
    "kinds without own": (without(KINDS, "own"), "takes a role, own"),
    "kinds of a directory": (KINDS | {"directory_revision": "x"}, "no new, credential"),
    "kinds with a credential": (KINDS | {"credential": NEW["credential"]}, "no new, credential"),
    "kinds of a guard": (
        without(KINDS, "grant") | {"allowed": False, "reason": "refused_by_guard"},
        "about kinds is never refused_by_guard",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_line_of_a_log_is_refused(case: str) -> None:
    """Each mistake in an otherwise good line is refused and said."""
    line, message = REFUSED[case]
    with pytest.raises(Invalid, match=message):
        read_line(json.dumps(line).encode())


TEXT = json.dumps(ALLOWED)
BYTES: dict[str, tuple[bytes, str]] = {
    "a member twice": (TEXT.replace("{", '{"time": 1, ', 1).encode(), "a member twice"),
    "a number that is none": (TEXT.replace('"update"', "NaN").encode(), "NaN is not JSON"),
    "no JSON": (b"{", "not JSON, at column 2"),
    "an array": (b"[]", "an array instead of an object"),
    "nothing": (b"\n", "an empty line"),
    "no UTF-8": (b"\xff\n", "not UTF-8"),
    "too deep": (b"[" * 100_000, "nested too deep"),
    "two lines in one": (TEXT.encode() + b"\r" + TEXT.encode(), "a lone carriage return"),
}


@pytest.mark.parametrize("case", BYTES)
def test_what_is_no_json_is_refused(case: str) -> None:
    """Nothing that a lenient reader would repair is read."""
    line, message = BYTES[case]
    with pytest.raises(Invalid, match=message):
        read_line(line)


@examples(300)
@given(st.sampled_from(sorted(GOOD)), st.integers(0, 700), st.integers(0, 6), st.binary(max_size=4))
def test_a_damaged_line_is_refused_or_a_line(name: str, at: int, gone: int, come: bytes) -> None:
    """Some bytes replaced by others make another line or none, and never another error."""
    line = json.dumps(GOOD[name]).encode()
    try:
        logged = read_line(line[:at] + come + line[at + gone :])
    except Invalid:
        pass
    else:
        assert read_line(logged.line().encode()) == logged


def test_what_cannot_be_logged_is_refused() -> None:
    """A time without a zone of whole minutes, or an id that no line may have, is not written."""
    decision = HERE.authorize(EDITOR, Action.UPDATE, WEB)
    odd = timezone(timedelta(seconds=1))
    for time in (NOW.replace(tzinfo=None), NOW.astimezone(odd)):
        with pytest.raises(RequestError, match="zone"):
            as_line(decision, time)
    for request in ("", "x" * 201, "a\nb"):
        with pytest.raises(RequestError, match="cannot be logged"):
            as_line(decision, NOW, request=request)
    with pytest.raises(TypeError, match="datetime"):
        as_line(decision, "2026-11-24T10:30:00Z")  # type: ignore[arg-type]


def found(file: str) -> tuple[list[tuple[int, LoggedDecision]], list[Problem]]:
    """What can be read of a log, and what is wrong with the rest."""
    problems: list[Problem] = []
    return list(read(file, problems.append)), problems


LINE = as_line(HERE.authorize(EDITOR, Action.UPDATE, WEB), NOW).encode()


def test_a_log_is_read_as_a_stream_plain_or_compressed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file or standard input, compressed or not, gives the same decisions by line."""
    text = LINE + b"{}\n" + LINE
    for content in (
        text,
        gzip.compress(text),
        gzip.compress(LINE) + gzip.compress(text[len(LINE) :]),
    ):
        (tmp_path / "log").write_bytes(content)
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
        for file in (str(tmp_path / "log"), "-"):
            decisions, problems = found(file)
            assert [number for number, _ in decisions] == [1, 3]
            assert {(each.file, each.line) for each in problems} == {(file, 2)}


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (LINE[:-1], 1, "the file is cut"),
        (b"\xef\xbb\xbf" + LINE, 1, "byte order mark"),
        (gzip.compress(LINE)[:-9], 0, "gzip cannot unpack"),
        (b"\x1f\x8b rubbish", 0, "gzip cannot unpack"),
        (b"x" * (1 << 20) + b"x\n", 1, "more than 1,048,576 bytes"),
    ],
)
def test_a_damaged_log_is_named(tmp_path: Path, content: bytes, line: int, message: str) -> None:
    """Whatever is cut, damaged or marked is one problem, by file and line."""
    (tmp_path / "log").write_bytes(content)
    _, problems = found(str(tmp_path / "log"))
    assert [(each.file, each.line) for each in problems] == [(str(tmp_path / "log"), line)]
    assert message in problems[0].message


def test_a_log_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    """A missing file, or a folder, cannot be read and says so."""
    for path in (tmp_path / "none", tmp_path):
        decisions, problems = found(str(path))
        assert decisions == []
        assert "cannot be read" in problems[0].message


def test_a_period_is_from_the_earliest_to_the_latest() -> None:
    """Instants are compared, whatever zone they are written in and in whatever order."""
    decision = HERE.check(Principal.USER, ResourceRole.PROJECT_USER, ResourceType.PROJECT)
    east = timezone(timedelta(hours=9))
    times = [NOW.astimezone(east), NOW - timedelta(hours=1), NOW + timedelta(microseconds=1)]
    period = Period()
    assert period.as_dict() == {"decisions": 0, "first": None, "last": None}
    for time in times:
        period.add(LoggedDecision.of(decision, time))
    assert (period.first, period.last) == ("2026-11-24T09:30:00Z", "2026-11-24T10:30:00.000001Z")
    assert period.decisions == 3
    assert isinstance(LoggedDecision.of(decision, NOW).question, Question)


GUIDE = (Path(__file__).parents[2] / "docs" / "decision-log.md").read_text(encoding="utf-8")


def test_the_lines_of_the_guide_are_lines_of_a_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the guide shows is read, and its example writes the first of the lines."""
    (block,) = re.findall(r"^```json\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    shown = block.splitlines(keepends=True)
    for line in shown:
        assert {*json.loads(line)} <= {*re.findall(r"^\| `(\w+)` \|", GUIDE, re.MULTILINE)}
        assert json.loads(read_line(line.encode()).line()) == json.loads(line)
    (session,) = re.findall(r"^```python\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    monkeypatch.chdir(Path(__file__).parents[2])
    runner = doctest.DocTestRunner()
    example = doctest.DocTestParser().get_doctest(session, {}, "guide", None, 0)
    runner.run(example, clear_globs=False)
    assert runner.summarize(verbose=False).failed == 0
    assert example.globs["line"] == shown[0]


def test_the_guide_has_every_member() -> None:
    """The table of the guide is the members that a line may have, in the order they are written."""
    documented = re.findall(r"^\| `(\w+)` \|", GUIDE, re.MULTILINE)
    assert {*documented} == {*ALLOWED, *NEW, *KINDS, "request"}
