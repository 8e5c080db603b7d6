"""What validation says of records: every message of every malformed directory has its rule."""

from pathlib import Path

import pytest

from rbac.audit.auditing import directory_findings
from rbac.audit.findings import Finding
from rbac.audit.records import Broken, load
from rbac.audit.validity_findings import found, rule_of
from rbac.directory import Directory
from rbac.errors import DirectoryError, Problem
from rbac.policy import Policy
from rbac.rows import Place
from rbac.snapshots.reader import read as read_snapshot
from tests.malformed_directories import apply, directory_folder, scenarios
from tests.organization import RECORDS

SAYS = {
    "unknown organization": "RBAC201",
    "unknown group": "RBAC201",
    "unknown subject": "RBAC201",
    "unknown container": "RBAC201",
    "unknown resource": "RBAC201",
    "unknown reference": "RBAC201",
    "a second organization": "RBAC202",
    "a second subject": "RBAC202",
    "a second group": "RBAC202",
    "a second resource": "RBAC202",
    "a second membership": "RBAC202",
    "a second assignment": "RBAC202",
    "is in the group already": "RBAC202",
    "lies within 2 organizations": "RBAC203",
    "lies within another organization": "RBAC203",
    "belongs to another organization": "RBAC203",
    "is held on project resources, not on": "RBAC204",
    "is held on no resource": "RBAC204",
    "is never assigned": "RBAC205",
    "may hold no role that a group is given": "RBAC206",
    "does not lie within": "RBAC207",
    "needs a container": "RBAC207",
    "names a container twice": "RBAC207",
    "an organization has a record of its own": "RBAC207",
    "has its container's id": "RBAC207",
    "needs an organization": "RBAC207",
    "has no organization": "RBAC207",
}
"""The rule of each message that records can have, by a part of it."""


def test_every_message_is_a_finding_by_its_rule(tmp_path: Path) -> None:
    """Of every malformed directory whose files can be read in full; of others none is."""
    met: set[str] = set()
    for name, scenario in scenarios().items():
        folder = directory_folder(tmp_path / name)
        for edit in scenario.edits:
            apply(edit, folder)
        with pytest.raises(DirectoryError) as strict:
            Directory.load(folder)
        if not read_snapshot(str(folder)).problems:
            findings = list(found(load(folder, Policy.shipped()).broken))
            met |= {rightly_found(each) for each in findings}
            assert {(str(each.place), each.message.partition(": ")[2]) for each in findings} == {
                (f"{each.file}:{each.line}", each.message) for each in strict.value.problems
            }
        else:
            with pytest.raises(DirectoryError):
                load(folder, Policy.shipped())
    assert SAYS.keys() - met == {"is held on no resource"}, "no file can say that"


def rightly_found(finding: Finding) -> str:
    """What a finding says of the messages known; it has the rule of it."""
    (says,) = (part for part in SAYS if part in finding.message)
    assert finding.rule.id == SAYS[says]
    return says


def test_problems_without_their_records_are_findings_too() -> None:
    """Of records in memory, a problem says its table and number, and what is wrong."""
    twice = RECORDS._replace(groups=[*RECORDS.groups, RECORDS.groups[0]])
    directory, problems = Directory.sound(twice)
    assert directory.records.groups == tuple(RECORDS.groups)
    (finding,) = (
        each
        for each in directory_findings(directory, problems=problems)
        if each.rule.id.startswith("RBAC2")
    )
    assert finding.rule.id == "RBAC202"
    assert (finding.message, str(finding.place)) == (problems[0].message, "groups:3")


def test_a_fingerprint_is_of_the_record_and_of_what_the_message_quotes() -> None:
    """Its words may change; a baseline then still knows the finding."""
    place = Place("memberships.jsonl", 3)
    one, same, other = found(
        Broken("memberships", "id", place._replace(line=line), message)
        for line, message in enumerate(
            ('unknown group "x"', 'unknown group "x"; add it', 'unknown group "y"'), 3
        )
    )
    assert one.what == "memberships id x"
    assert one.fingerprint == same.fingerprint != other.fingerprint


def test_a_message_that_is_not_known_has_the_general_rule() -> None:
    """A rule of directories that comes later is found, if not by a name of its own."""
    problem = Problem("groups.jsonl", 1, 0, "is not what it was")
    directory = Directory(RECORDS)
    found_by = {each.rule.id for each in directory_findings(directory, problems=[problem])}
    assert "RBAC207" in found_by
    assert rule_of(problem.message).id == "RBAC207"
