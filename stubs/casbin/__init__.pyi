"""The part of casbin that this project uses; casbin itself carries no types."""

from logging import Logger

from casbin import persist as persist

class Assertion:
    policy: list[list[str]]

class Model:
    model: dict[str, dict[str, Assertion]]
    def add_policy(self, sec: str, ptype: str, rule: list[str]) -> bool: ...

class Enforcer:
    logger: Logger
    def __init__(self, model: Model | str, adapter: persist.Adapter | str) -> None: ...
    @staticmethod
    def new_model(*, text: str) -> Model: ...
    def get_model(self) -> Model: ...
    def enforce(self, *rvals: str | bool) -> bool: ...
