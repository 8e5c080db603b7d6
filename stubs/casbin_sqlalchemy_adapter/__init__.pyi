"""The part of the adapter that tests use; it carries no types."""

from sqlalchemy import Engine

class Adapter:
    def __init__(self, engine: Engine | str) -> None: ...
    def load_policy(self, model: object) -> None: ...
