"""Properties are checked without a time limit an example: a busy machine is no failure."""

from hypothesis import settings

settings.register_profile("rivulet", deadline=None)
settings.load_profile("rivulet")
