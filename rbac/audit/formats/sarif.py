"""A report as SARIF 2.1.0, the standard exchange format of analysis results (OASIS).

Knows the shape of a SARIF log. It must not know any rule. Accepted findings are in it too,
each with a suppression that says why.
"""

from __future__ import annotations

import os
import urllib.parse

from rbac.audit.findings import Accepted, Finding, Report, Rule
from rbac.rows import Place

Json = dict[str, object]

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
FINGERPRINT = "rbac/v1"
"""The name of our fingerprint; a later way of taking it would have another number."""


def sarif(report: Report, *, version: str) -> Json:
    """The log of one run; `version` is that of this library."""
    numbers = {rule.id: number for number, rule in enumerate(report.rules)}
    results = [_result(each, numbers) for each in report.findings]
    results += [_suppressed(each, numbers) for each in report.accepted]
    driver = {"name": "rbac", "version": version, "rules": [_rule(each) for each in report.rules]}
    run: Json = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": results,
        "properties": {"policy": report.policy, "directory": report.directory},
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule) -> Json:
    return {
        "id": rule.id,
        "name": "".join(word.capitalize() for word in rule.title.split()),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.says},
        "help": {
            "text": f"{rule.matters} {rule.remedy} See {rule.page}.",
            "markdown": f"{rule.matters}\n\n{rule.remedy}\n\nSee `{rule.page}`.",
        },
        "defaultConfiguration": {"level": rule.severity.short},
    }


def _result(finding: Finding, numbers: dict[str, int]) -> Json:
    text = "\n".join((finding.message, *finding.evidence))
    found: Json = {
        "ruleId": finding.rule.id,
        "ruleIndex": numbers[finding.rule.id],
        "level": finding.severity.short,
        "message": {"text": text},
        "partialFingerprints": {FINGERPRINT: finding.fingerprint},
        "properties": {"what": finding.what, "remedy": finding.remedy},
    }
    if finding.place is not None:
        found["locations"] = [_location(finding.place)]
    return found


def _suppressed(accepted: Accepted, numbers: dict[str, int]) -> Json:
    suppression: Json = {
        "kind": "inSource" if accepted.inline else "external",
        "status": "accepted",
        "justification": accepted.reason,
        "location": _location(accepted.place),
    }
    if accepted.expires is not None:
        suppression["properties"] = {"expires": accepted.expires.isoformat()}
    return _result(accepted.finding, numbers) | {"suppressions": [suppression]}


def _location(place: Place) -> Json:
    physical: Json = {"artifactLocation": {"uri": uri(place.file)}}
    if place.line:
        physical["region"] = {"startLine": place.line}
    return {"physicalLocation": physical}


def uri(path: str) -> str:
    """A path as a URI: relative where it is within this folder, else of a file."""
    path = path.replace(os.sep, "/")
    if os.path.isabs(path):
        return f"file://{urllib.parse.quote(os.fsencode(path))}"
    # A first segment with a colon would read as a scheme.
    return urllib.parse.quote(os.fsencode(os.path.normpath(path)))
