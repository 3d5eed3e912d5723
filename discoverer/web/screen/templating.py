"""The only door to jinja2: templates of this package, everything escaped, a missing value an error."""

from __future__ import annotations

from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from discoverer.pictures.picture import Picture
from discoverer.wording import day, minute


def render(template: str, **context: object) -> str:
    """Fill in a template of `templates/`.

    Args:
        template: its file name.
        context: what it names; whatever it names and is not given is an error, never an empty place on the page.
    """
    return _environment().get_template(template).render(**context)


def drawn(picture: Picture) -> Markup:
    """Return the SVG of a picture, which the pictures package has escaped, as markup."""
    return Markup(picture.svg)  # noqa: S704 - made by discoverer.pictures, which escapes all that a record says


@lru_cache(maxsize=1)
def _environment() -> Environment:
    """Set up the environment, once."""
    made = Environment(
        loader=PackageLoader("discoverer.web.screen"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(day=day, minute=minute, drawn=drawn)
    return made
