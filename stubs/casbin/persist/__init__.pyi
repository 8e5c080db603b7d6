from casbin import Model

class Adapter:
    def load_policy(self, model: Model) -> None: ...
