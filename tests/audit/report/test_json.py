"""JSON: the whole report, every name written out."""

import functools
import json
from typing import Any

from rbac.audit.report.json import written
from rbac.terms import Question
from rbac.vocabulary import Action, Principal, ResourceRole, ResourceType
from tests.audit.report.sample import sample_access, sample_allowed, sample_report


@functools.cache
def document() -> Any:
    """The report on the sample directory, read again."""
    return json.loads(written(sample_report()))


def test_the_document_allows_what_the_table_allows_cell_by_cell() -> None:
    """Every cell of the shipped policy is allowed by the document as by the table."""
    said = {
        Question(
            Principal.parse(principal),
            ResourceRole.parse(role["role"]),
            ResourceType.parse(cell["type"]),
            Action.parse(cell["action"]),
            own,
        )
        for role in document()["roles"]
        for principal in role["principals"]
        for cell in role["permits"]
        for own in (False, True)
        if own or cell["reach"] == "any"
    }
    assert said == sample_allowed()
    assert len(said) == document()["allowed"]


def test_each_answer_names_a_grant_that_is_listed() -> None:
    """The place of each answer's grant is the place of a grant of that permission."""
    places = {(each["place"], each["type"], each["action"]) for each in document()["grants"]}
    answers = document()["directory_holds"]["answers"]
    assert answers
    for answer in answers:
        assert (answer["grant"], answer["type"], answer["action"]) in places


def test_the_answers_add_up() -> None:
    """Subjects times resources, over all answers, are all that is permitted."""
    found = document()["directory_holds"]
    sizes = (len(each["subjects"]) * len(each["resources"]) for each in found["answers"])
    assert sum(sizes) == found["permitted"]


def test_the_evidence_of_every_grant_is_there() -> None:
    """Each grant of the policy has its mark, its sources and its reason."""
    grants = document()["grants"]
    assert len(grants) == len(sample_access().table.policy.rows.grants)
    assert all(each["evidence"] and each["why"] for each in grants)
