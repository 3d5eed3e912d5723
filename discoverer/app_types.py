"""What App tells of besides answers: the state of the service, a search that is measured, a source and its mapping."""

from __future__ import annotations

from dataclasses import dataclass

from discoverer.answer import Answer, SourceStatus
from discoverer.errors import DiscovererError
from index.attempts import Attempt
from index.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Status:
    """The state of the service.

    Attributes:
        manifest: the live build's, None when there is none.
        problem: str, why there is none, why it is not the newest, or that what people decided is lost; '' when all is
            well.
        weights: str, version of the match weights in force.
        attempt: the last attempt to build, None when there was none.
        sources: every source configured, with its state.
        policy: str, which policy answers now, 'built in (wmp-da-repeat-vulnerable@1)', or why none does.
        layer: str, what was taken in over the build since it was made, by a name that changes whenever that does; ''
            when nothing was.
    """

    manifest: Manifest | None
    problem: str
    weights: str
    attempt: Attempt | None
    sources: tuple[SourceStatus, ...]
    policy: str
    layer: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """A search made in order to measure it.

    Attributes:
        answer: as shown to whoever asks, or why the query was refused.
        gathered: bool, whether retrieval brought any wanted record to be compared, wherever it ranked.
        seconds: float > 0, from reading the query to the look on the disk.
    """

    answer: Answer | DiscovererError
    gathered: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class MappedSource:
    """A source configured, and the mapping it is read by.

    Attributes:
        status: what it contributes to the live build.
        version: str, of its mapping.
    """

    status: SourceStatus
    version: str
