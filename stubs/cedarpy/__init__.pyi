"""The part of cedarpy that the benchmarks and the tests use."""

class PolicySet:
    @staticmethod
    def from_str(text: str) -> PolicySet: ...
    def __len__(self) -> int: ...

class Entities:
    @staticmethod
    def from_json_str(s: str) -> Entities: ...

class AuthzResult:
    @property
    def allowed(self) -> bool: ...

def is_authorized(
    request: dict[str, object], policies: PolicySet, entities: Entities
) -> AuthzResult: ...
