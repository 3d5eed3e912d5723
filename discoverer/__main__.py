"""`python -m discoverer`: the command line."""

from discoverer.cli import main

main(prog_name="discoverer")
