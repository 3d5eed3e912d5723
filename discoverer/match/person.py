"""Scoring a person: a literal list of features, each a named comparison weighted in bits."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

from discoverer.match.evidence import Evidence, Level, Scored
from discoverer.match.names import Alignment, Measure, agreement, best_alignment
from discoverer.match.profiles import PersonProfile
from discoverer.match.similarity import Closeness, one_slip
from discoverer.match.vocabulary import Vocabulary
from discoverer.match.weights import Weights
from discoverer.normalise.address_words import may_be_one_area
from discoverer.normalise.name_variants import are_two_names, may_be_two_names, sex_of

NEAR_YEARS = 5
# A year miscounted, and a wrong decade or century: slips of the clerk and not of the calendar (domain.md 6.4).
YEARS_OFF = (1, 10, 100)
# Years apart at which a namesake may be a parent or a child: a day and month in common settle nothing then.
GENERATION_YEARS = range(15, 100)
# Agreements that may be a slip of one name or the name of another person.
SLIPS = {Closeness.ONE_EDIT, Closeness.SOUND, Closeness.SHORTENED, Closeness.SIMILAR}
# What makes a woman's name of a man's: Adrian and Adriana, Simon and Simone, Leon and Leonie.
WOMENS_ENDINGS = {"a", "e", "ia", "ie", "na", "ne", "ina", "ine", "ette", "elle"}
# Bearers in this index from which a spelling is a name of its own and hardly a slip.
SEVERAL = 5


@dataclass(frozen=True)  # not slotted: what is made once is kept in it
class Scale:
    """What a score is measured against, made for one search.

    Attributes:
        names: the name vocabulary of this index, for rarity.
        weights: the set of weights in force.
        holders: int >= 1, how many people hold the number asked for.
    """

    names: Vocabulary
    weights: Weights
    holders: int = 1

    @cached_property
    def prior(self) -> float:
        """Bits of doubt before any evidence: one person in all those indexed."""
        return math.log2(self.names.total + 1)

    @cached_property
    def measure(self) -> Measure:
        """What names are weighed by, with the tokens that this search weighed already."""
        return Measure(self.names, self.weights)


Feature = Callable[[PersonProfile, PersonProfile, Scale], Evidence | None]


def name(asked: PersonProfile, held: PersonProfile, scale: Scale) -> Evidence | None:
    """Names agree token by token, in any order, weighted by how rare each token is in this index."""
    if not asked.names or not held.names:
        return None
    best = best_alignment(asked.names, held.names, scale.measure)
    found = agreement(best, scale.weights)
    if best is None or found is None or found.outcome not in ("full", "near"):
        return found
    if any(_are_two_people(best, place, scale.names) for place in range(len(best.pairs))):
        return replace(found, outcome="close")
    if any(may_be_two_names(mine, theirs) for mine, theirs, _ in best.pairs):
        return replace(found, outcome="near")
    return found


def _are_two_people(best: Alignment, place: int, names: Vocabulary) -> bool:
    """Tell whether the pair at a place of an alignment is two names rather than one with a slip.

    A slip that makes another name of a name, which several people bear, is as likely the brother's, sister's or twin's
    name; so is one that only adds the ending of a woman's name. The last word is the surname, which they share.
    """
    asked, held, how = best.pairs[place]
    if are_two_names(asked, held):
        return True
    surname = place == len(best.pairs) - 1 > 0 and not best.reordered
    if surname or how not in SLIPS:
        return False
    short, long = sorted((asked, held), key=len)
    ending = long.removeprefix(short) in WOMENS_ENDINGS
    return ending or min(names.bearers(asked), names.bearers(held)) >= SEVERAL


def sexed_name(asked: PersonProfile, held: PersonProfile, scale: Scale) -> Evidence | None:
    """Second names say that one is a man and the other a woman: Singh and Kaur."""
    mine = _sexed(asked)
    theirs = _sexed(held) if mine else {}
    if not theirs or mine.keys() & theirs.keys():
        return None
    words = f"asked for {min(mine.values()).upper()}, recorded as {min(theirs.values()).upper()}, of the other sex"
    return Evidence("sexed_name", "differs", 0.0, words)


def _sexed(profile: PersonProfile) -> dict[str, str]:
    """Return the sexes that a person's names say, each with a word that says so."""
    return {sex: token for tokens in profile.names for token in tokens if (sex := sex_of(token))}


def generation(asked: PersonProfile, held: PersonProfile, scale: Scale) -> Evidence | None:
    """One is written senior and the other junior, or only what was asked says which: father and son are two people."""
    if not asked.generations or set(asked.generations) & set(held.generations):
        return None
    words = f"asked for {asked.generations[0].upper()}"
    if not held.generations:
        return Evidence("generation", "unsaid", 0.0, f"{words}, recorded without")
    words = f"{words}, recorded as {held.generations[0].upper()}"
    return Evidence("generation", "differs", scale.weights.held["generation"], words)


def birth_date(asked: PersonProfile, held: PersonProfile, scale: Scale) -> Evidence | None:
    """Dates of birth agree, agree in part, are swapped or one slip apart, or differ."""
    if not asked.births or not held.births:
        return None
    rungs = [_birth_rung(a, h) for a in asked.births for h in held.births]
    table = scale.weights.birth
    best = max(rungs, key=lambda rung: table[rung])
    return Evidence("birth_date", best, table[best], BIRTH_WORDS[best])


BIRTH_WORDS = {
    "same": "date of birth agrees",
    "swapped": "date of birth agrees with day and month swapped",
    "one_slip": "date of birth agrees but for one digit",
    "same_month": "month and year of birth agree",
    "same_year": "year of birth agrees",
    "year_one_off": "day and month of birth agree, the year is one, ten or a hundred off",
    "generation": "day and month of birth agree, the year is as far off as a parent's or a child's",
    "same_day": "day and month of birth agree, the year differs",
    "two_parts": "year of birth agrees with the day or the month, the third part differs",
    "near": "date of birth within five years",
    "differs": "date of birth differs",
}


def _birth_rung(asked: str, held: str) -> str:
    """Place two ISO dates (full or partial) on the ladder of the weights' [birth] table."""
    if asked == held:
        return {10: "same", 7: "same_month"}.get(len(asked), "same_year")
    shortest = min(len(asked), len(held))
    if asked[:shortest] == held[:shortest]:
        return "same_month" if shortest == 7 else "same_year"
    if shortest == 10:
        if asked == f"{held[:4]}-{held[8:]}-{held[5:7]}":
            return "swapped"
        if asked[5:] == held[5:] and abs(int(asked[:4]) - int(held[:4])) in GENERATION_YEARS:
            return "generation"
        if one_slip(asked, held):
            return "one_slip"
        if asked[5:] == held[5:]:
            return "year_one_off" if abs(int(asked[:4]) - int(held[:4])) in YEARS_OFF else "same_day"
        if asked[:7] == held[:7] or (asked[:4] == held[:4] and asked[8:] == held[8:]):
            return "two_parts"
    return "near" if abs(int(asked[:4]) - int(held[:4])) <= NEAR_YEARS else "differs"


def age(asked: PersonProfile, held: PersonProfile, scale: Scale) -> Evidence | None:
    """A stated age allows, or does not allow, the year of birth on the other side."""
    if asked.births and held.births:
        return None
    fits = _ages_fit(asked, held)
    if fits is None:
        return None
    rung = "age_fits" if fits else "age_differs"
    words = "age fits" if fits else "age does not fit"
    return Evidence("age", rung, scale.weights.birth[rung], words)


def _ages_fit(asked: PersonProfile, held: PersonProfile) -> bool | None:
    """Tell whether ages and years of birth allow one another; None when a side has neither."""
    spans = [(int(birth[:4]), int(birth[:4])) for birth in asked.births] + list(asked.years)
    other = [(int(birth[:4]), int(birth[:4])) for birth in held.births] + list(held.years)
    if not spans or not other:
        return None
    return any(low <= high_held and low_held <= high for low, high in spans for low_held, high_held in other)


def identifier(asked: PersonProfile, held: PersonProfile, scale: Scale) -> Evidence | None:
    """A fingerprint-backed number (PNC, CRO) agrees or differs."""
    if not asked.identifiers and not asked.unverified:
        return None
    table = scale.weights.identifier
    if shared := set(asked.identifiers) & set(held.identifiers):
        return Evidence("identifier", "valid", table["valid"], f"{_id_words(min(shared))} agrees")
    if shared := set(asked.unverified) & set(held.unverified):
        words = f"{_id_words(min(shared))} agrees, but its check letter is wrong or unknown"
        return Evidence("identifier", "unverified", table["unverified"], words)
    clashing = _other_numbers(asked, held)
    if clashing:
        return Evidence("identifier", "differs", table["differs"], f"has another number: {_id_words(clashing[0])}")
    return None


def _other_numbers(asked: PersonProfile, held: PersonProfile) -> list[str]:
    """Return the numbers of a scheme that both have one of; of arrests (ASN) one person has many."""
    schemes = {each.partition(":")[0] for each in asked.identifiers}
    return sorted(each for each in held.identifiers if each.partition(":")[0] in schemes - {"asn"})


def _id_words(value: str) -> str:
    """Write 'pnc:2003/0011985X' for a person to read."""
    scheme, _, number = value.partition(":")
    return f"{scheme.upper()} {number}"


def phone(asked: PersonProfile, held: PersonProfile, scale: Scale) -> Evidence | None:
    """Holds the telephone number asked for, worth less the more people share it."""
    if not asked.phones or not set(asked.phones) & set(held.phones):
        return None
    bits = max(0.0, scale.weights.held["phone"] - math.log2(scale.holders))
    return Evidence("phone", "same", bits, "holds this telephone number")


def home(asked: PersonProfile, held: PersonProfile, scale: Scale) -> Evidence | None:
    """Lives at the address asked for, or in its area, or is only known elsewhere.

    A home is compared without its area, since many records leave that out; where both sides name one and none is
    shared, the same street and number may be in another town, so it finds the person and supports nothing.
    """
    table = scale.weights.held
    if asked.homes and set(asked.homes) & set(held.homes):
        if _other_town(asked.areas, held.areas):
            words = "recorded at this street and number, perhaps in another area"
            return Evidence("home", "other_area", table["area"], words)
        return Evidence("home", "same", table["home"], "recorded at this address")
    if not asked.areas or not held.areas:
        return None
    if shared := sorted(set(asked.areas) & set(held.areas)):
        return Evidence("home", "area", table["area"], f"recorded in {shared[0].upper()}")
    # Only districts can be told apart: a record may hold a postcode where the caller names the locality.
    if not (_districts(asked.areas) and _districts(held.areas)):
        return None
    return Evidence("home", "elsewhere", table["elsewhere"], "recorded only in other postcode districts")


def _other_town(asked: tuple[str, ...], held: tuple[str, ...]) -> bool:
    """Tell whether both sides name areas of one kind, districts or places, and none may be the same."""
    mine, theirs = _districts(asked), _districts(held)
    if set(mine) & set(theirs):
        return False
    places = [area for area in asked if area not in mine]
    others = [area for area in held if area not in theirs]
    if any(may_be_one_area(place, other) for place in places for other in others):
        return False
    return bool(mine and theirs) or bool(places and others)


def _districts(areas: tuple[str, ...]) -> list[str]:
    """Return the areas that are outward postcodes."""
    return [area for area in areas if any(char.isdigit() for char in area)]


FEATURES: tuple[Feature, ...] = (name, generation, sexed_name, birth_date, age, identifier, phone, home)

# Outcomes that cannot stand beside a level above `possible`.
CONTRADICTIONS = {
    ("birth_date", "differs"),
    ("birth_date", "near"),
    ("birth_date", "same_day"),
    ("birth_date", "two_parts"),
    ("birth_date", "generation"),
    ("age", "age_differs"),
    ("identifier", "differs"),
    ("generation", "differs"),
    ("sexed_name", "differs"),
}
# Outcomes that, beside a fully agreeing name, earn `probable`.
SUPPORT = {
    ("birth_date", "same"),
    ("birth_date", "swapped"),
    ("birth_date", "one_slip"),
    ("birth_date", "year_one_off"),
    ("birth_date", "same_month"),
    ("birth_date", "same_year"),
    ("phone", "same"),
    ("home", "same"),
    ("identifier", "unverified"),
}
# Support that father and son share: none where only what was asked says which of them is meant.
SHARED_AT_HOME = {("phone", "same"), ("home", "same")}
# Outcomes strong enough to earn it beside a name with slips or gaps: what relatives do not share.
STRONG_SUPPORT = {("birth_date", "same"), ("identifier", "unverified")}


def score_person(asked: PersonProfile, held: PersonProfile, scale: Scale) -> Scored:
    """Weigh one person against what was asked, and say how sure that makes us."""
    evidence = tuple([found for feature in FEATURES if (found := feature(asked, held, scale)) is not None])
    bits = sum([each.bits for each in evidence]) - scale.prior
    return Scored(bits, evidence, _level(asked, held, evidence, bits, scale.weights))


def _level(
    asked: PersonProfile, held: PersonProfile, evidence: tuple[Evidence, ...], bits: float, weights: Weights
) -> Level:
    """Decide the level: confirmed only by a valid identifier, probable only by a name and something else.

    A number that is read out with a name unlike any held may be another person's: it is probable. A name found only in
    text, or contradicted, is never above possible, nor is one word of a name, which a whole family bears; a name alone
    is probable only when every token agrees exactly and together they are rare in this index.
    """
    rungs = {(each.feature, each.outcome) for each in evidence}
    if ("identifier", "valid") in rungs:
        return Level.PROBABLE if rungs & CONTRADICTIONS or ("name", "none") in rungs else Level.CONFIRMED
    if held.text_only or rungs & CONTRADICTIONS or not (_is_whole(asked) and _is_whole(held)):
        return Level.POSSIBLE
    if ("generation", "unsaid") in rungs:
        rungs -= SHARED_AT_HOME
    full_name = bool(rungs & {("name", "exact"), ("name", "full")})
    near_name = ("name", "near") in rungs
    supported = (full_name and rungs & SUPPORT) or (near_name and rungs & STRONG_SUPPORT)
    if supported and bits >= weights.level["probable"]:
        return Level.PROBABLE
    alone = bits >= weights.level["rare_name"] and ("generation", "unsaid") not in rungs
    if ("name", "exact") in rungs and alone and not asked.births:
        return Level.PROBABLE
    return Level.POSSIBLE


def rests_on_its_name(scored: Scored) -> bool:
    """Tell whether nothing but a name that agrees exactly makes a person probable."""
    rungs = {(each.feature, each.outcome) for each in scored.evidence}
    return scored.level is Level.PROBABLE and ("identifier", "valid") not in rungs and not rungs & SUPPORT


def told_apart_by(first: PersonProfile, second: PersonProfile) -> str:
    """Return what tells two people of one name apart, in words: 'born on another day'; '' when nothing does.

    Whatever contradicts a person who was asked for tells two who were found apart; a valid number that both have says
    that they are one, whatever else was written.
    """
    if set(first.identifiers) & set(second.identifiers):
        return ""
    born = {("birth_date", _birth_rung(mine, theirs)) for mine in first.births for theirs in second.births}
    if born and born <= CONTRADICTIONS:
        return "born on another day"
    if not born and _ages_fit(first, second) is False:
        return "of another age"
    if first.generations and second.generations and not set(first.generations) & set(second.generations):
        return "the other of SNR and JNR"
    sexes = set(_sexed(first)), set(_sexed(second))
    if all(sexes) and sexes[0].isdisjoint(sexes[1]):
        return "of the other sex by name"
    clashing = _other_numbers(first, second)
    return f"with another number: {_id_words(clashing[0])}" if clashing else ""


def _is_whole(profile: PersonProfile) -> bool:
    """Tell whether a profile names a person by more than one word: forename and surname, not one of them."""
    return any(len(tokens) > 1 for tokens in profile.names) or len(set(profile.names)) > 1
