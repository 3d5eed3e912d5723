"""`discoverer train`: weights learnt from the live build, written down as a new version, with what they change.

It reads the live build and writes one file beside the settings' other state. It never changes the settings, and a build
never trains. The report names mentions as examples, so it is a look, recorded before anything is written or told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from discoverer.access import DEMO_VIEWER, NOT_RECORDED, Viewer, readable_name
from discoverer.access_rules import May
from discoverer.audit import record_look
from discoverer.clock import iso, now
from discoverer.errors import TrainingRefused, UsageError
from discoverer.evaluation.linking import Meant, figures_under, read_meant
from discoverer.permitted import Permitted
from discoverer.settings import EXACT, LINKING, Settings
from discoverer.wording import minute, number_of
from index.linking_model import Model, load
from index.linking_types import Candidate
from index.live import LiveIndex
from index.progress import Progress
from index.reader import Index, Reader
from index.relinking import mention_id
from index.training import from_labels, trained_model, without_labels
from index.training_candidates import OPEN, candidates_of, settled_in
from index.training_effect import Effect, effect_of, linked_under
from index.training_file import make_room, version_for, write_next_version, write_version
from index.training_pairs import patterns_of
from index.training_types import Training

# The figures of the truth that are told of both weights, each in words.
FIGURES = {
    "precision": "precision",
    "recall": "recall",
    "false_pairs": "false pairs",
    "twins_merged": "twins put together",
    "namesakes_merged": "fathers and sons put together",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of a training.

    Attributes:
        viewer: str, who trains; written into the file.
        truth: a truth.jsonl to learn from; None: without labels.
        name: str, of the new version; '' for the date and a number.
    """

    viewer: str
    truth: Path | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What a training gave.

    Attributes:
        version: str, the new weights' name.
        file: str, where they are.
        base: str, the weights it began from.
        configured: str, what the settings name: 'exact' or a version; what `effect` and `figures` call old.
        build: str, the build it learnt from.
        about: str, what the file says of itself.
        mentions: int, open person mentions learnt from.
        training: level by level.
        effect: what would change.
        figures: 'old' and 'new' against the truth; None without.
        setting: str, the line of the settings that makes builds use it.
    """

    version: str
    file: str
    base: str
    configured: str
    build: str
    about: str
    mentions: int
    training: Training
    effect: Effect
    figures: Mapping[str, Mapping[str, object]] | None
    setting: str


def train(settings: Settings, asked: Asked, progress: Progress) -> Report:
    """Learn weights from the live build and write them down.

    Raises:
        NotPermitted: the viewer's role may not train.
        IndexUnavailable: there is no build to learn from.
        ConfigError: there are no weights of the version the settings name, or they are not to be believed.
        UsageError: the viewer's name is not plain; the truth cannot be read or is of other records; the name is taken;
            the disk does not take the file.
        TrainingRefused: what was learnt is not to be believed, or rests on too little.
        LookNotRecorded: the look could not be recorded, so nothing was written.
    """
    asked = replace(asked, viewer=readable_name(asked.viewer, "trains"))
    Permitted(settings).refuse(_viewer_of(asked), May.TRAIN)
    configured = None if settings.linking == EXACT else load(settings.linking, settings.trained_dir)
    base = configured or load(LINKING)
    version = version_for(asked.name, now().date(), settings.trained_dir)
    make_room(settings.trained_dir)
    with closing(LiveIndex(settings.state_dir)) as live, live.reading() as index:
        return _Trainer(settings, index, progress, asked, configured, base).report(version)


def _viewer_of(asked: Asked) -> Viewer:
    """Return who trains; of anybody but the demo's viewer no role is known here."""
    return Viewer(asked.viewer, DEMO_VIEWER.role if asked.viewer == DEMO_VIEWER.name else NOT_RECORDED)


@dataclass(frozen=True, slots=True)
class _Trainer:
    """One training on one build."""

    settings: Settings
    index: Index
    progress: Progress
    asked: Asked
    configured: Model | None
    base: Model

    def report(self, version: str) -> Report:
        """Learn, compare, write."""
        self.progress.stage("reading the mentions of the live build", None)
        candidates = candidates_of(self.index)
        meant = self._meant()
        training = self._training(candidates, meant)
        if all(level.new == level.old for level in training.levels):
            raise TrainingRefused("every level kept its bits, so nothing was written; train on more records.")
        about = self._about(len(candidates))
        model = trained_model(training, self.base, version, about)
        linked = linked_under(candidates, settled_in(self.index, candidates), self.configured, model, self.progress)
        effect = effect_of(linked, self._named)
        figures = {"old": figures_under(linked.old, meant), "new": figures_under(linked.new, meant)} if meant else None
        notes = list(effect_lines(effect, self.settings.linking))
        self._record(effect)
        name, path = self._written(model, training, notes)
        return Report(
            name, str(path), self.base.version, self.settings.linking, self.index.manifest.build, about,
            len(candidates), training, effect, figures, f'linking = "{name}"',
        )  # fmt: skip

    def _record(self, effect: Effect) -> None:
        """Record the look at the mentions that the report names."""
        words = [self.asked.name, f"from {self.asked.truth}" if self.asked.truth else ""]
        named = dict.fromkeys(ident for pair in (*effect.lost, *effect.won) for ident in pair)
        record_look(
            self.settings.audit_dir, _viewer_of(self.asked), "train", " ".join(filter(None, words)), (),
            self.index.manifest.build, mentions=tuple(named),
        )  # fmt: skip

    def _written(self, model: Model, training: Training, notes: Sequence[str]) -> tuple[str, Path]:
        """Write the weights under the name asked for, or under the number that is free by now."""
        folder = self.settings.trained_dir
        if self.asked.name:
            return model.version, write_version(model, training, folder, notes)
        return write_next_version(model, training, folder, now().date(), notes)

    def _meant(self) -> dict[int, Meant]:
        """Return who is really meant, {} without a truth."""
        if self.asked.truth is None:
            return {}
        meant = read_meant(Reader(self.index, OPEN), self.asked.truth)
        if not any(each.person for each in meant.values()):
            raise UsageError(f"{self.asked.truth} names nobody of the live build; it must be the truth of its sources.")
        return meant

    def _training(self, candidates: Sequence[Candidate], meant: Mapping[int, Meant]) -> Training:
        """Learn the weights."""
        self.progress.stage("comparing pairs of persons", None)
        if not meant:
            return without_labels(patterns_of(candidates, self.base), self.base)
        persons = {number: each.person for number, each in meant.items() if each.linkable}
        return from_labels(patterns_of(candidates, self.base, persons), self.base)

    def _about(self, mentions: int) -> str:
        """Say where the weights come from."""
        manifest = self.index.manifest
        records = number_of(sum(entry.records for entry in manifest.segments), "record")
        how = f"from the labels of {self.asked.truth.name}" if self.asked.truth else "without labels"
        return (
            f"Trained {how} on build {manifest.build} of {minute(manifest.made_at)} ({records}, {mentions:,} open"
            f" mentions of people), beginning from {self.base.version}, by {self.asked.viewer} at {iso(now())}."
        )

    def _named(self, number: int) -> str:
        """Return the id of a mention: its record's reference and its position."""
        (row,) = self.index.people.mentions_numbered([number], OPEN.labels)
        return mention_id(self.index, row)


def lines(report: Report, config: Path) -> Iterator[str]:
    """Yield a report as lines for people to read.

    Args:
        report: of a training.
        config: the settings file.
    """
    training = report.training
    yield report.about
    told = "labelled so" if training.labelled else "by estimate"
    pairs, share = f"{training.pairs:,} pairs of persons that share something", f"{training.share:.1%}"
    yield f"Learnt from {pairs}; {share} are one person, {told}."
    yield ""
    yield f"{'level':<22}{'old':>7}{'new':>7}{'pairs':>10}  one person"
    for level in training.levels:
        share = f"{level.same / level.pairs:>10.1%}" if level.pairs else f"{'-':>10}"
        name = " ".join(level.key)
        yield f"{name:<22}{level.old:>7.1f}{level.new:>7.1f}{level.pairs:>10,}  {share}  {level.why}".rstrip()
    yield ""
    yield from effect_lines(report.effect, report.configured)
    for words, examples in (("Joined no more, e.g.", report.effect.lost), ("Joined anew, e.g.", report.effect.won)):
        yield from (f"  {words} {first} and {second}" for first, second in examples)
    if report.figures:
        yield "Measured on the labels learnt from, over open mentions: 'evaluate --linking' on another set says more."
        yield f"{'against the truth':<32}{'old':>10}{'new':>10}"
        for name, words in FIGURES.items():
            yield f"  {words:<30}{report.figures['old'][name]!s:>10}{report.figures['new'][name]!s:>10}"
    yield ""
    yield f"Written: {report.file}"
    yield f"Nothing uses it yet. To use it, write this line in {config} and run 'discoverer build':"
    yield f"  {report.setting}"


def effect_lines(effect: Effect, configured: str) -> Iterator[str]:
    """Yield what would change, in words.

    Args:
        effect: of the new weights.
        configured: what the settings name: 'exact' or a version.
    """
    old = "the exact rules alone" if configured == EXACT else configured
    persons = f"{effect.persons_old:,} under {old}, {effect.persons_new:,} under these"
    yield f"Persons joined of several open mentions: {persons}."
    yield (
        f"Pairs of mentions joined by both: {effect.both:,}; only by {old}: {effect.only_old:,}; only by these:"
        f" {effect.only_new:,}."
    )
