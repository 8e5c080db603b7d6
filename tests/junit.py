"""A JUnit report read as a CI system reads it: held to the schema, then counted."""

import xml.etree.ElementTree as ET
from functools import cache
from pathlib import Path

import xmlschema

SCHEMA = Path(__file__).parent / "data" / "junit.xsd"


@cache
def _schema() -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(SCHEMA)


def parsed(report: str) -> ET.Element:
    """The root of a report that is valid by the schema; raises if it is not."""
    _schema().validate(report.encode())
    return ET.fromstring(report.encode())  # noqa: S314 - written by this very test run
