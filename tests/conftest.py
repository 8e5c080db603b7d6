"""How thoroughly properties are tried: ``pytest --hypothesis-profile=nightly`` tries far more.

With ``--hypothesis-profile=quick``, what fails is shown as it was found, without shrinking.
"""

from hypothesis import Phase, settings

settings.register_profile("nightly", max_examples=5000, deadline=None)
settings.register_profile("quick", phases=[Phase.generate], deadline=None)
