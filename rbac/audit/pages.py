"""The page of each rule, as documentation has it.

Knows where the pages are: inside an installed package, beside it in a checkout. It must not
know what is on one.
"""

from __future__ import annotations

import os

from rbac.audit.findings import Rule


def page(rule: Rule) -> str:
    """The text of the page of `rule`."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    inside = os.path.join(package, rule.page)
    path = inside if os.path.exists(inside) else os.path.join(os.path.dirname(package), rule.page)
    with open(path, encoding="utf-8") as stream:
        return stream.read()
