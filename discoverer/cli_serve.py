"""`discoverer serve`: the screen and the API, on this machine."""

from __future__ import annotations

from collections.abc import Callable

import click


def serve_command(
    doored: Callable[[Callable[..., None]], Callable[..., None]], kind_of: type[click.Command]
) -> click.Command:
    """Return the command, to be registered by the command line.

    Args:
        doored: turns our errors into one sentence and an exit code.
        kind_of: the class of every command, whose help ends alike.
    """

    @click.command("serve", cls=kind_of)
    @click.option("--host", default="127.0.0.1", show_default=True, help="A loopback address.")
    @click.option(
        "--port", default=8000, show_default=True, type=click.IntRange(0, 65_535), help="0: any that is free."
    )
    @click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes that answer.")
    @click.pass_context
    @doored
    def serve(ctx: click.Context, host: str, port: int, workers: int) -> None:
        """Serve the screen and the API on this machine until stopped; answers under way are finished first.

        It starts without an index too, says so on every page, and answers as soon as a build is published.

        \b
        Examples:
          discoverer serve
          discoverer serve --port 8080 --workers 2
        """
        from discoverer.web import server  # it is slow to import, and no other command needs it

        server.serve(ctx.obj, host, port, workers, lambda words: click.echo(words))

    return serve
