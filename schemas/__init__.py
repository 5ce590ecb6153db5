"""The ground that every Rivulet service stands on: events, frames, subjects, streams, settings.

Nothing here imports a service; services import this package and never each other.
"""

from schemas.wait_for import mend_wait_for

mend_wait_for()
