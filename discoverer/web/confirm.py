"""The password asked for again before a grave act: on a page that sends along what was about to be sent.

A session left open is anybody's; what cannot be taken back by closing it is done by whoever knows the password. Which
acts are grave, and for how long a password counts, is in `identity/data/identity.toml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Form, Request
from starlette.responses import Response

from discoverer.access import Viewer
from discoverer.audit import record_event
from discoverer.errors import DiscovererError, SignInRefused, TooManyAttempts
from discoverer.identity import Identity
from discoverer.identity.rules import is_grave
from discoverer.web.gate import Caller
from discoverer.web.own_paths import directory_for
from discoverer.web.screen.frame import Frames
from discoverer.web.sign_in import where_of, with_wait
from discoverer.web.viewers import caller_of

_AGAIN = "again_"
"""How the fields of the page begin: none of them belongs into an address."""
NOT_YET = 403
"""The status of a page that asks: nothing was done."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed on the page that asks again.

    Attributes:
        password: str, '' where nothing was asked yet.
        code: str, of the second factor; '' for none.
    """

    password: str
    code: str


async def _typed(again_password: str = Form(""), again_code: str = Form("")) -> Typed:
    """Return what a form brings of it."""
    return Typed(again_password, again_code.replace(" ", ""))


TypedAgain = Annotated[Typed, Depends(_typed)]
"""How the address of a grave act is told what was typed."""


class Confirming:
    """Asks whoever is signed in for their password again."""

    def __init__(self, accounts: Identity | None, frames: Frames, audit: Path) -> None:
        """Take who is who, what frames a page, and the folder in which it is written down; None: nobody signs in."""
        self._accounts, self._frames, self._audit = accounts, frames, audit

    def asked(self, request: Request, act: str, fields: Mapping[str, str], back: str, typed: Typed) -> Response | None:
        """Return the page that asks, where the act must wait for it; None: it may be done.

        Args:
            request: that would do it.
            act: its name under [grave] in the rules.
            fields: what it was sent, to be sent again with the password.
            back: the page it was begun on, for whoever types their password in the directory.
            typed: what was typed already.

        Raises:
            AccountsUnavailable: who is who cannot be told.
            LookNotRecorded: that a password was tried cannot be written down.
        """
        caller = caller_of(request)
        if self._accounts is None or caller is None or not caller.session or not is_grave(act):
            return None
        if self._accounts.recently_confirmed(caller.session):
            return None
        if not typed.password or caller.account.directory:
            return self._page(request, caller, fields, back)
        viewer = Viewer(caller.account.name, caller.account.role)
        try:
            self._accounts.confirm(caller.session, typed.password, typed.code, where_of(request))
        except (SignInRefused, TooManyAttempts) as error:
            record_event(self._audit, viewer, "password asked again: failed", why=type(error).__name__)
            return self._page(request, caller, fields, back, error)
        record_event(self._audit, viewer, "password asked again")
        return None

    def _page(
        self,
        request: Request,
        caller: Caller,
        fields: Mapping[str, str],
        back: str,
        error: DiscovererError | None = None,
    ) -> Response:
        """Show the page; what was typed as a password is never shown again."""
        kept = urlencode([each for each in request.query_params.multi_items() if not each[0].startswith(_AGAIN)])
        shown = self._frames.page(
            "confirm.html",
            self._frames.frame(request, call=fields.get("call", "")),
            error.http_status if error else NOT_YET,
            action=f"{request.url.path}?{kept}" if kept else request.url.path,
            fields=fields,
            back=back,
            problem=error.message if error else "",
            by_directory=directory_for(back, fresh=True) if caller.account.directory else "",
        )
        return with_wait(shown, error) if error else shown
