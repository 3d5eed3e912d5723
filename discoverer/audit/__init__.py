"""Every look is written down, on the disk, before its answer is shown; if it cannot be, there is no answer.

`lines.py` says what a line holds, `sealing.py` closes what was typed to all but the auditors, `writer.py` brings lines
to the disk, `recording.py` is what everybody calls, `reading.py` is for auditors.
"""

from __future__ import annotations

from discoverer.audit.recording import looked_from, on_look, record_event, record_look, set_up

__all__ = ["looked_from", "on_look", "record_event", "record_look", "set_up"]
