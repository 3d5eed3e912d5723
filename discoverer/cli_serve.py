"""`discoverer serve`: the screen and the API, on this machine; beyond it with accounts and TLS alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from discoverer.errors import UsageError


def _beyond(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of standing where others reach it."""
    for option in (
        click.option("--tls-cert", type=click.Path(path_type=Path), help="The certificate with its chain, PEM."),
        click.option("--tls-key", type=click.Path(path_type=Path), help="Its key, PEM, readable by its owner alone."),
        click.option("--name", "names", multiple=True, help="What browsers call it; may be given several times."),
        click.option(
            "--head-seconds",
            default=10.0,
            show_default=True,
            type=click.FloatRange(0.1, 300),
            help="How long the head of a request is waited for.",
        ),
    ):
        command = option(command)
    return command


def serve_command(
    doored: Callable[[Callable[..., None]], Callable[..., None]], kind_of: type[click.Command]
) -> click.Command:
    """Return the command, to be registered by the command line.

    Args:
        doored: turns our errors into one sentence and an exit code.
        kind_of: the class of every command, whose help ends alike.
    """

    @click.command("serve", cls=kind_of)
    @click.option(
        "--host", default="127.0.0.1", show_default=True, help="A loopback address; any with accounts and TLS."
    )
    @click.option(
        "--port", default=8000, show_default=True, type=click.IntRange(0, 65_535), help="0: any that is free."
    )
    @click.option(
        "--socket", type=click.Path(dir_okay=False, path_type=Path), help="Where this machine's commands ask it."
    )
    @click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes that answer.")
    @_beyond
    @click.pass_context
    @doored
    def serve(
        ctx: click.Context,
        host: str,
        port: int,
        socket: Path | None,
        workers: int,
        tls_cert: Path | None,
        tls_key: Path | None,
        names: tuple[str, ...],
        head_seconds: float,
    ) -> None:
        """Serve the screen and the API until stopped; answers under way are finished first.

        It starts without an index too, says so on every page, and answers as soon as a build is published.

        \b
        Examples:
          discoverer serve
          discoverer serve --port 8080 --workers 2
          discoverer serve --host 192.0.2.7 --tls-cert cert.pem --tls-key key.pem --name discoverer.example.test
        """
        from discoverer.web import server  # it is slow to import, and no other command needs it
        from discoverer.web.binding import Tls

        if (tls_cert is None) != (tls_key is None):
            raise UsageError("Give --tls-cert and --tls-key together: neither is of use without the other.")
        tls = Tls(tls_cert, tls_key) if tls_cert and tls_key else None
        called = tuple(name.lower() for name in names)
        place = server.Place(host, port, workers, tls, called, head_seconds, socket)
        server.serve(ctx.obj, place, lambda words: click.echo(words))

    return serve
