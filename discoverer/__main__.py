"""Where the command begins, installed or as `python -m discoverer`: the command line, or why there is none."""

import sys

from discoverer.errors import ConfigError


def main() -> None:
    """Run the command line; a word list or table that is damaged is said in one sentence, with exit code 3.

    They are read by the modules that use them while those are imported, hence the import in here.
    """
    try:
        from discoverer.cli import main as commands
    except ConfigError as error:
        sys.stderr.write(f"discoverer: {error.message}\n")
        sys.exit(error.exit_code)
    commands(prog_name="discoverer")


if __name__ == "__main__":
    main()
